import type { Figure } from '../../src/command/bench.ts'
export async function peers(_figure: (metric: string, value: number, unit: string, rest?: Partial<Figure>) => void): Promise<void> {}
