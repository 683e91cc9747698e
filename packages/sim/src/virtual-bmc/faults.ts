/** What is wrong with a virtual BMC. Change a field at any time; it counts from the next datagram on. */
export interface VirtualBmcFaults {
  /** Power commands are refused with "not supported in present state". */
  refusePower: boolean
  /** Nothing is answered, as if the BMC had no power or its cable were out. */
  silent: boolean
  /** Every login fails, as if somebody had changed the passwords. */
  wrongPassword: boolean
  /** Share of the datagrams that get lost, on either way: 0 to 1. */
  loss: number
  /** What it sends is noise, some of it under a good RMCP header. */
  rubbish: boolean
  /** It lets people in and then hangs: nothing but the login is answered. */
  hangsAfterLogin: boolean
  /** Each answer is delayed by this much. */
  slowMs: number
  /** So many commands are answered with "node busy", as small BMCs do under load; counts down. */
  busyAnswers: number
  /** Power commands are accepted and nothing happens: why a success answer proves nothing. */
  ignorePower: boolean
  /** A restart of the BMC is accepted and nothing happens. */
  ignoreRestart: boolean
  /** Boot flags are accepted and not kept. */
  forgetBoot: boolean
  /** Commands a firmware firewall has switched off (IPMI 2.0 §21), by network function and number. */
  disabledCommands: readonly {
    readonly netFn: number
    readonly command: number
    /** What is answered in place of "disabled", e.g. 0xc1 for a command it never had. */
    readonly completionCode?: number
  }[]
}

/** A BMC that works. */
export const noFaults = (): VirtualBmcFaults => ({
  refusePower: false,
  silent: false,
  wrongPassword: false,
  loss: 0,
  rubbish: false,
  hangsAfterLogin: false,
  slowMs: 0,
  busyAnswers: 0,
  ignorePower: false,
  ignoreRestart: false,
  forgetBoot: false,
  disabledCommands: [],
})
