/** Bytes answered over bytes asked: what a forged question makes of a service. One decimal. */
export function amplification(question: Uint8Array, answers: readonly Uint8Array[]): number {
  return Math.round((answers.reduce((sum, answer) => sum + answer.length, 0) / question.length) * 10) / 10
}
