/** What is wrong with a link: with every connection through a fault proxy. */
export type LinkFault =
  /** Open connections are reset, and so is every new one. */
  | { readonly kind: 'cut' }
  /** Connections that are open now carry nothing any more, and neither end is told; new ones work. */
  | { readonly kind: 'half-open' }
  /** Nothing arrives, nothing is lost: it comes when the link heals. */
  | { readonly kind: 'stall' }
  /** Every byte arrives so much later, in milliseconds. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** So many bytes a second, each way, each connection. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };
