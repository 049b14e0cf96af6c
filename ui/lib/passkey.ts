/** Whether this browser and this address can do passkeys: they need HTTPS or localhost. */
export function canPasskey(): boolean {
  return window.isSecureContext && typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
}

/** Signs a challenge of the platform with a passkey; the answer goes back as it is. */
export async function signWithPasskey(options: unknown, signal?: AbortSignal): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON)
  const credential = await navigator.credentials.get({ publicKey, ...(signal === undefined ? {} : { signal }) })
  return (credential as PublicKeyCredential | null)?.toJSON()
}

export async function makePasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON)
  const credential = await navigator.credentials.create({ publicKey })
  return (credential as PublicKeyCredential | null)?.toJSON()
}

/** The person closed the browser's dialog: nothing to complain about. */
export function wasCancelled(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')
}
