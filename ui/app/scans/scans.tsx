export function ScansPage() { return null }
