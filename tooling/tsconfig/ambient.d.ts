// Keeps the test project of a package that has no test yet from being empty.
export {};
