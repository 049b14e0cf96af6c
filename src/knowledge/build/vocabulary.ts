import type { DatabaseSync } from 'node:sqlite'

/** Words in at least this many vulnerabilities may be what a misspelt one means. */
const fewest = 3

/** Keeps the words of the text index by how often they occur: the index itself would have to be read whole for it. */
export function packVocabulary(db: DatabaseSync): void {
  db.exec(`delete from vocabulary;
    insert into vocabulary (word, documents) select term, doc from word where doc >= ${fewest} and length(term) between 3 and 30 and term glob '[a-z]*'`)
}
