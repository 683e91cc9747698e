import type { BiosManner } from './redfish-bios.ts'
import type { PushManner } from './redfish-push.ts'

/** Whose BMC the Redfish face looks like: names and forms in which makers differ. */
export interface RedfishPersona {
  readonly vendor: string | undefined
  readonly product: string
  readonly oem: string | undefined
  readonly system: string
  readonly manager: string
  readonly chassis: string
  /** `old`: Power and Thermal; `new`: PowerSubsystem, ThermalSubsystem and Sensors. */
  readonly forms: readonly ('old' | 'new')[]
  readonly resetTypes: readonly string[]
  /** Changes of the boot override go to a settings resource, and are refused at the system itself. */
  readonly bootBySettings: boolean
  /** The light's older form (`IndicatorLED`), or the newer one. */
  readonly light: 'word' | 'boolean'
  /** Location headers are whole URLs, not paths. */
  readonly absoluteLocations: boolean
  /** A collection may be asked for with its members in it (`$expand=.`). */
  readonly expandsMembers: boolean
  readonly bios: BiosManner
  /** A sensor that measures nothing reads 0 and is `UnavailableOffline`, a limit not set is 0; else null. */
  readonly zeroIsNone: boolean
  /** What a maker calls a piece of firmware; ids are then numbers that say nothing. */
  readonly firmwareNames: Readonly<Record<string, string>> | undefined
  /** It tells events as a stream (server-sent events). */
  readonly streamsEvents: boolean
  readonly push: PushManner
  /** By which protocols SimpleUpdate fetches images. */
  readonly simpleUpdate: readonly string[]
  /** What Manager.Reset takes; none: it takes no parameter at all. */
  readonly managerResets: readonly string[]
  /** The manager tells when it last started. */
  readonly tellsRestart: boolean
}

const RESET_TYPES = ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'PowerCycle', 'Nmi']

const ON_OFF = ['Enabled', 'Disabled']

/** Boot mode, SR-IOV, the port that boots and the restore policy, by each maker's own names. */
const PLAIN_BIOS: BiosManner = {
  attributes: {
    BootMode: { value: 'Uefi', allowed: ['Uefi', 'Legacy'] },
    SriovEnable: { value: 'Disabled', allowed: ON_OFF },
    PxeDev1: { value: 'Enabled', allowed: ON_OFF },
    ProcCores: { value: 16 },
  },
  settingsShow: 'all',
  timed: false,
}

const DELL_BIOS: BiosManner = {
  attributes: {
    BootMode: { value: 'Uefi', allowed: ['Uefi', 'Bios'] },
    SriovGlobalEnable: { value: 'Disabled', allowed: ON_OFF },
    HttpDev1TlsMode: { value: 'OneWay', allowed: ['None', 'OneWay'] },
    PxeDev1EnDis: { value: 'Enabled', allowed: ON_OFF },
    AcPwrRcvry: { value: 'Last', allowed: ['On', 'Off', 'Last'] },
    AcPwrRcvryUserDelay: { value: 60 },
  },
  settingsShow: 'changes',
  timed: true,
}

const HPE_BIOS: BiosManner = {
  attributes: {
    BootMode: { value: 'Uefi', allowed: ['Uefi', 'LegacyBios'] },
    Sriov: { value: 'Disabled', allowed: ON_OFF },
    AutoPowerOn: {
      value: 'RestoreLastState',
      allowed: ['AlwaysPowerOn', 'AlwaysPowerOff', 'RestoreLastState'],
    },
    NetworkBootRetry: { value: 'Enabled', allowed: ON_OFF },
    NetworkBootRetryCount: { value: 20 },
  },
  settingsShow: 'all',
  timed: false,
}

const UPDATE = '/redfish/v1/UpdateService'
const PLAIN_PUSH: PushManner = {
  multipart: `${UPDATE}/update-multipart`,
  plain: `${UPDATE}/update`,
  times: ['Immediate'],
  claimed: false,
  referer: false,
}

const PLAIN: RedfishPersona = {
  vendor: 'Brickyard',
  product: 'Virtual BMC',
  oem: undefined,
  system: '1',
  manager: 'BMC',
  chassis: '1',
  forms: ['old', 'new'],
  resetTypes: RESET_TYPES,
  bootBySettings: false,
  light: 'boolean',
  absoluteLocations: true,
  expandsMembers: false,
  bios: PLAIN_BIOS,
  zeroIsNone: false,
  streamsEvents: false,
  firmwareNames: undefined,
  push: PLAIN_PUSH,
  simpleUpdate: ['HTTP', 'HTTPS'],
  managerResets: ['ForceRestart', 'GracefulRestart'],
  tellsRestart: true,
}

export const REDFISH_PERSONAS = {
  plain: PLAIN,
  dell: {
    ...PLAIN,
    absoluteLocations: false,
    vendor: 'Dell',
    product: 'Integrated Dell Remote Access Controller',
    oem: 'Dell',
    system: 'System.Embedded.1',
    manager: 'iDRAC.Embedded.1',
    chassis: 'System.Embedded.1',
    light: 'word',
    push: { ...PLAIN_PUSH, multipart: `${UPDATE}/MultipartUpload`, plain: undefined },
    bios: DELL_BIOS,
    tellsRestart: false,
  },
  hpe: {
    ...PLAIN,
    vendor: 'HPE',
    zeroIsNone: true,
    firmwareNames: { BMC: 'iLO 6', BIOS: 'System ROM', 'NIC-1': 'Network adapter' },
    push: { ...PLAIN_PUSH, multipart: undefined, plain: '/cgi-bin/uploadFile', times: [] },
    bios: HPE_BIOS,
    tellsRestart: false,
    product: 'ProLiant',
    oem: 'Hpe',
    manager: '1',
    forms: ['old'],
    resetTypes: ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'Nmi', 'PushPowerButton'],
    light: 'word',
  },
  supermicro: {
    ...PLAIN,
    absoluteLocations: false,
    vendor: 'Supermicro',
    zeroIsNone: true,
    push: {
      ...PLAIN_PUSH,
      multipart: `${UPDATE}/upload`,
      plain: undefined,
      times: ['OnStartUpdateRequest'],
      referer: true,
    },
    managerResets: [],
    tellsRestart: false,
    product: 'X12',
    oem: 'Supermicro',
    manager: '1',
    forms: ['old'],
    light: 'word',
  },
  ami: {
    ...PLAIN,
    absoluteLocations: false,
    vendor: 'AMI',
    product: 'AMI Redfish Server',
    oem: 'Ami',
    system: 'Self',
    manager: 'Self',
    chassis: 'Self',
    bootBySettings: true,
    light: 'word',
  },
  lenovo: {
    ...PLAIN,
    absoluteLocations: false,
    vendor: 'Lenovo',
    product: 'ThinkSystem',
    oem: 'Lenovo',
    manager: '1',
    push: { ...PLAIN_PUSH, multipart: '/mfwupdate', plain: '/fwupdate', times: [], claimed: true },
    simpleUpdate: ['TFTP', 'SFTP'],
  },
  openbmc: {
    ...PLAIN,
    expandsMembers: true,
    absoluteLocations: false,
    streamsEvents: true,
    vendor: undefined,
    product: 'OpenBMC',
    oem: 'OpenBmc',
    system: 'system',
    manager: 'bmc',
    chassis: 'chassis',
    forms: ['new'],
  },
} as const satisfies Readonly<Record<string, RedfishPersona>>

export type RedfishPersonaName = keyof typeof REDFISH_PERSONAS
