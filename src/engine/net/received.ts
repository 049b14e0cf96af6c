/** Bytes received and not yet taken: one buffer that grows by doubling, so that a million one-byte segments cost no more than one. */
export class Received {
  #buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  add(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(512, this.length + bytes.length, Math.min(this.#buffer.length * 2, this.length * 2)))
      this.#buffer.copy(grown, 0, this.#start, this.#end)
      this.#end = this.length
      this.#start = 0
      this.#buffer = grown
    }
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** A view, valid until the next `add` or `take`. */
  get view(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end)
  }

  take(length: number): Uint8Array {
    const end = this.#start + Math.min(length, this.length)
    const taken = Uint8Array.from(this.#buffer.subarray(this.#start, end))
    this.#start = end
    if (this.#start === this.#end) {
      this.#start = 0
      this.#end = 0
      if (this.#buffer.length > 16_384) this.#buffer = Buffer.alloc(0)
    }
    return taken
  }
}
