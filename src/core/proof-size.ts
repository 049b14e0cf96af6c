import { mostExchanges, mostReceived, mostSent, type Exchange, type Proof } from './proof.ts'

/** Texts of a proof, as the channel takes them. */
const longest = { check: 400, controlNote: 1000, note: 500, matched: 2000, variable: 4096, request: 8192 } as const
const most = { matched: 100, variables: 100, callbacks: 50, turns: 1000 } as const
/** Bytes kept of each side of each conversation, until the whole is small enough. */
const steps = [Infinity, 65_536, 16_384, 4096, 512] as const

/**
 * The proof with no more than `characters` of recorded bytes (base64, both sides, controls too) and no text longer than the channel takes: what a target says must not make what is said of it be
 * refused. What is left out of a conversation is marked as cut; whoever reads it does not take it for the whole.
 */
export function fitProof(proof: Proof, characters: number): Proof {
  const worded = wordedProof(proof)
  for (const bytes of steps) {
    const cut = { ...worded, exchanges: worded.exchanges.map((one) => cutExchange(one, bytes)), control: worded.control.map((one) => cutExchange(one, bytes)) }
    if (sizeOf(cut) <= characters) return cut
  }
  return { ...worded, exchanges: [], control: [], controlNote: 'The recorded bytes were too many to be kept.' }
}

function sizeOf({ exchanges, control }: Proof): number {
  return [...exchanges, ...control].reduce((sum, one) => sum + one.sent.length + one.received.length, 0)
}

function wordedProof({ check, exchanges, control, controlNote, matched, variables, trigger, callbacks }: Proof): Proof {
  return {
    check: check.slice(0, longest.check), exchanges: exchanges.slice(0, mostExchanges), control: control.slice(0, mostExchanges),
    ...(controlNote === undefined ? {} : { controlNote: controlNote.slice(0, longest.controlNote) }),
    matched: matched.slice(0, most.matched).map((one) => one.slice(0, longest.matched)),
    ...(variables === undefined ? {} : { variables: Object.fromEntries(Object.entries(variables).filter(([name, value]) => name.length <= 256 && value.length <= longest.variable).slice(0, most.variables)) }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(callbacks === undefined ? {} : { callbacks: callbacks.slice(0, most.callbacks).map((one) => ({ ...one, request: one.request.slice(0, longest.request) })) }),
  }
}

function cutExchange({ turns, ...one }: Exchange, bytes: number): Exchange {
  const [sent, received] = [cutText(one.sent, Math.min(bytes, mostSent)), cutText(one.received, Math.min(bytes, mostReceived))]
  return {
    ...one, sent, received, cut: one.cut || sent.length < one.sent.length || received.length < one.received.length,
    ...(turns === undefined || turns.length > most.turns ? {} : { turns }), ...(one.note === undefined ? {} : { note: one.note.slice(0, longest.note) }),
  }
}

/** Base64 of at most so many bytes: cut at whole groups of four characters. */
function cutText(text: string, bytes: number): string {
  const length = Math.floor(bytes / 3) * 4
  return text.length <= Math.ceil(bytes / 3) * 4 ? text : text.slice(0, length)
}
