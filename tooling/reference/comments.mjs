// Comments of members that have none of their own, and a check that exports and their methods have one.
import { ReflectionKind } from 'typedoc';

/** @typedef {import('typedoc').DeclarationReflection} Declaration */

const exported = ReflectionKind.Class | ReflectionKind.Interface | ReflectionKind.Function | ReflectionKind.TypeAlias | ReflectionKind.Variable;
/** Members whose names say what they do everywhere. */
const usual = new Set(['toString', 'toJSON', '[iterator]', '[asyncIterator]', '[dispose]']);

/** @type {(x: Declaration) => boolean} */
const hasComment = (x) => x.hasComment() || (x.getNonIndexSignatures().length > 0 && x.getNonIndexSignatures().every((s) => s.hasComment()));

/**
 * The comment of what a method overrides. Bases that are not exported have no page, so TypeDoc doesn't look there; the compiler knows them.
 * @type {(context: import('typedoc').Context, signature: import('typedoc').SignatureReflection) => void}
 */
export function commentOverrides(context, signature) {
  const { parent: method } = signature;
  const owner = method.parent;
  const symbol = !signature.comment && method.kind === ReflectionKind.Method && owner?.kindOf(ReflectionKind.ClassOrInterface) ? context.getSymbolFromReflection(owner) : undefined;
  if (!symbol) return;
  /** @type {(type: import('typescript').Type) => import('typedoc').Comment | undefined} */
  const search = (type) => {
    for (const base of type.getBaseTypes() ?? []) {
      const declaration = context.checker.getPropertyOfType(base, method.name)?.valueDeclaration;
      const comment = (declaration && context.getSignatureComment(/** @type {import('typescript').SignatureDeclaration} */ (declaration))) ?? search(base);
      if (comment) return comment;
    }
    return undefined;
  };
  const comment = search(context.checker.getDeclaredTypeOfSymbol(symbol));
  if (comment) signature.comment = comment;
}

/**
 * Methods of Tensor are calls of the functions of their names, and have their comments.
 * @type {(context: import('typedoc').Context) => void}
 */
export function commentMethods({ project }) {
  const functions = project.getChildByName(['@matheron/core-tensor']);
  const tensor = functions?.getChildByName(['Tensor']);
  if (!functions || !tensor?.isDeclaration()) return;
  for (const method of tensor.children ?? []) {
    const free = functions.getChildByName([method.name]);
    const comment = free?.isDeclaration() ? (free.comment ?? free.signatures?.[0]?.comment) : undefined;
    if (!comment || hasComment(method)) continue;
    for (const place of method.signatures ?? [method]) place.comment = comment.clone();
  }
}

/**
 * Exports without a comment, and methods of exported classes and interfaces.
 * @type {(project: import('typedoc').ProjectReflection) => string[]}
 */
export function undocumented(project) {
  return /** @type {Declaration[]} */ (project.getReflectionsByKind(exported | ReflectionKind.Method))
    .filter((x) => (x.kindOf(exported) ? x.parent?.kindOf(ReflectionKind.Module) : x.parent?.kindOf(ReflectionKind.ClassOrInterface) && !usual.has(x.name)))
    .filter((x) => !hasComment(x))
    .map((x) => `${x.getFriendlyFullName()} has no comment`);
}
