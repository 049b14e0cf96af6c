/** The one path that `preferred` fits, else the last by name: of several copies the one with the latest day or the highest version. */
export function newest(paths: readonly string[], preferred: RegExp): readonly string[] {
  const found = paths.find((path) => preferred.test(path)) ?? paths.toSorted().at(-1)
  return found === undefined ? [] : [found]
}
