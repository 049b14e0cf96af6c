export function NewScanPage() { return null }
