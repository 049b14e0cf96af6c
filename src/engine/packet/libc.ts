/** The few system calls that packets need, through koffi. Memory that the kernel reads or writes is mapped once and addressed by number, so that a call passes nothing but numbers. */
export type Libc = Readonly<{
  socket(domain: number, type: number, protocol: number): number
  bind(socket: number, address: number, length: number): number
  connect(socket: number, address: number, length: number): number
  getsockname(socket: number, address: number, length: number): number
  setsockopt(socket: number, level: number, option: number, value: number, length: number): number
  getsockopt(socket: number, level: number, option: number, value: number, length: number): number
  sendmmsg(socket: number, messages: number, count: number, flags: number): number
  recvmsg(socket: number, message: number, flags: number): number
  sendto(socket: number, bytes: number, length: number, flags: number, address: number, addressLength: number): number
  ppoll(list: number, count: number, timeout: number, mask: number): number
  close(socket: number): number
  errno(): number
  /** Zeroed memory; of a socket's ring where one is given. Null when the kernel refuses. */
  map(bytes: number, socket?: number): Memory | null
  unmap(memory: Memory): void
}>

export type Memory = Readonly<{ address: number; bytes: Uint8Array; view: DataView; words: Int32Array }>

export const errors = { EPERM: 1, EAGAIN: 11, EACCES: 13, ENOBUFS: 105 } as const

/** Rejects where koffi has no binary for this system. */
export async function openLibc(): Promise<Libc> {
  const { default: koffi } = await import('koffi')
  const c = koffi.load(null)
  const mmap = c.func('uintptr_t mmap(uintptr_t, size_t, int, int, int, int64_t)') as (...words: number[]) => number
  const munmap = c.func('int munmap(uintptr_t, size_t)') as (address: number, bytes: number) => number
  const protection = 3 // PROT_READ | PROT_WRITE
  const [shared, anonymous] = [0x01, 0x22] // MAP_SHARED; MAP_PRIVATE | MAP_ANONYMOUS
  return {
    socket: c.func('int socket(int, int, int)'),
    bind: c.func('int bind(int, uintptr_t, uint32_t)'),
    connect: c.func('int connect(int, uintptr_t, uint32_t)'),
    getsockname: c.func('int getsockname(int, uintptr_t, uintptr_t)'),
    setsockopt: c.func('int setsockopt(int, int, int, uintptr_t, uint32_t)'),
    getsockopt: c.func('int getsockopt(int, int, int, uintptr_t, uintptr_t)'),
    sendmmsg: c.func('int sendmmsg(int, uintptr_t, uint32_t, int)'),
    recvmsg: c.func('int64_t recvmsg(int, uintptr_t, int)'),
    sendto: c.func('int64_t sendto(int, uintptr_t, size_t, int, uintptr_t, uint32_t)'),
    ppoll: c.func('int ppoll(uintptr_t, uint64_t, uintptr_t, uintptr_t)'),
    close: c.func('int close(int)'),
    errno: () => koffi.errno(),
    map(length, socket) {
      const address = socket === undefined ? mmap(0, length, protection, anonymous, -1, 0) : mmap(0, length, protection, shared, socket, 0)
      // MAP_FAILED is the highest address there is.
      if (address > Number.MAX_SAFE_INTEGER) return null
      const buffer = koffi.view(address, length)
      return { address, bytes: new Uint8Array(buffer), view: new DataView(buffer), words: new Int32Array(buffer) }
    },
    unmap: (memory) => void munmap(memory.address, memory.bytes.length),
  }
}
