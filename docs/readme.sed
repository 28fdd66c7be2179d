# README.md as doxygen is to see it; for sed -E: links to what is not a page lead to pages, or nowhere.
s|\]\(include/thininet\)|](files.html)|g
s|\[([^]]*)\]\(LICENSE\)|\1|g
s|\[([^]]*)\]\(CONTRIBUTING\.md\)|\1|g
s|\[([^]]*)\]\(#[^)]*\)|\1|g
s|\[([^]]*)\]\(docs/bench\.[a-z]*\)|\1|g
