/** Functions of jq that are known, with how many arguments each may have. */
export const functions: Readonly<Record<string, readonly number[]>> = {
  empty: [0], not: [0], length: [0], keys: [0], values: [0], add: [0], any: [0, 1], all: [0, 1], first: [0, 1], last: [0, 1], type: [0], tostring: [0], tonumber: [0], tojson: [0], fromjson: [0],
  ascii_downcase: [0], ascii_upcase: [0], to_entries: [0], from_entries: [0], with_entries: [1], select: [1], map: [1], has: [1], contains: [1], startswith: [1], endswith: [1], split: [1, 2], join: [1],
  test: [1, 2], match: [1, 2], capture: [1, 2], objects: [0], arrays: [0], strings: [0], numbers: [0], booleans: [0], scalars: [0], nulls: [0], recurse: [0], sort: [0], unique: [0], reverse: [0], ltrimstr: [1], rtrimstr: [1],
  flatten: [0], min: [0], max: [0], error: [0, 1],
}
