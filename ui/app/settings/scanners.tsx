export function ScannersPage() { return null }
