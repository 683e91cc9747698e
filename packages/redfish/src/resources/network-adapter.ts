import { fieldOf, linkOf, listOf, textOf, type JsonObject } from '../loose-json.ts'
import { statusOf, type Status } from './status.ts'

/** `NetworkAdapter`: a network card. */
export interface NetworkAdapter {
  /** By which it is the same card after a reboot: serial where there is one; ids change. */
  readonly key: string
  readonly id: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly serial: string | undefined
  readonly partNumber: string | undefined
  readonly firmwareVersion: string | undefined
  readonly ports: string | undefined
  readonly status: Status
}

export function parseNetworkAdapter(body: JsonObject): NetworkAdapter {
  const serial = textOf(body['SerialNumber'])
  const model = textOf(body['Model'])
  const id = textOf(body['Id'])
  const controller = listOf(body['Controllers'])[0]
  return {
    key: serial === undefined ? `id ${id ?? 'unknown'}` : `${model ?? 'adapter'} ${serial}`,
    id,
    manufacturer: textOf(body['Manufacturer']),
    model,
    serial,
    partNumber: textOf(body['PartNumber']),
    firmwareVersion: textOf(fieldOf(controller, 'FirmwarePackageVersion')),
    ports: linkOf(body['Ports']) ?? linkOf(body['NetworkPorts']),
    status: statusOf(body),
  }
}
