/** What a maker's outlet table is like: where an outlet's state stands and how it is switched. */
export interface PduTable {
  /** Columns of the table, without the outlet's index. */
  readonly state: string
  readonly command: string
  readonly name: string
  /** What the state column reads for on and for off; anything else is on its way, or unknown. */
  readonly reads: { readonly on: readonly number[]; readonly off: readonly number[] }
  /** What is written into the command column. */
  readonly writes: { readonly on: number; readonly off: number }
  /** What stands before the number of an outlet that is named by its number alone. */
  readonly unit: string
}
