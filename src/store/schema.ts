// placeholder until generated
export interface Schema {}
