/** An expression of XPath 1 as a tree. */
export type Path =
  | Readonly<{ kind: 'text'; value: string }>
  | Readonly<{ kind: 'number'; value: number }>
  | Readonly<{ kind: 'steps'; absolute: boolean; steps: readonly Step[] }>
  | Readonly<{ kind: 'call'; name: string; of: readonly Path[] }>
  | Readonly<{ kind: 'operator'; sign: string; left: Path; right: Path }>

export type Step = Readonly<{ axis: 'child' | 'descendant' | 'attribute' | 'self' | 'parent'; test: string; where: readonly Path[] }>

/** A document as both readers give it (HTML and XML). `name` is empty for text, `#document` for the whole. */
export type Markup = Readonly<{ name: string; attributes: Readonly<Record<string, string>>; children: readonly Markup[]; text: string }>

export class BadPath extends Error {}
