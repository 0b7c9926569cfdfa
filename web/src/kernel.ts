// Everything the lazily loaded parts share with the first page. They import from here and nowhere else, so that each of
// them is one file of its own and nothing is loaded twice.
export {};
