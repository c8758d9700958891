// The second module: LU, QR, symmetric eigenproblem, singular values. Products and triangular solves are imported from the core module.
export { lu } from "./lu";
export { qr, qrPivoted } from "./qr";
export { formQ } from "./householder";
export { eigh } from "./eigh";
export { svd } from "./svd";
