import { parseChassis } from '@brickyard/redfish/resources/chassis'
import { parseManager } from '@brickyard/redfish/resources/service-manager'
import { parseServiceRoot } from '@brickyard/redfish/resources/service-root'
import { describe, expect, it } from 'vitest'
import { chooseChassis } from './choose-chassis.ts'
import { chooseVendor } from './choose-vendor.ts'

const vendor = (root: object, manager: object | undefined, sledMaker?: string): string =>
  chooseVendor(
    parseServiceRoot({ ...root }),
    manager === undefined ? undefined : parseManager({ ...manager }),
    sledMaker,
  ).vendor

describe('the vendor', () => {
  it('is who the service says, before what is written on the sled', () => {
    expect(vendor({ Vendor: 'AMI' }, undefined, 'Dell Inc.')).toBe('AMI')
    expect(vendor({ Vendor: 'Dell' }, undefined)).toBe('Dell')
    expect(vendor({ Oem: { Hpe: {} } }, undefined)).toBe('HPE')
    expect(vendor({ Oem: { Hp: {} } }, undefined)).toBe('HPE')
    expect(vendor({}, { Id: 'iDRAC.Embedded.1' })).toBe('Dell')
    expect(vendor({}, undefined, 'Supermicro')).toBe('Supermicro')
    expect(vendor({ Oem: { OpenBmc: {} } }, undefined, 'Dell Inc.')).toBe('standard')
    expect(vendor({}, undefined)).toBe('standard')
  })
})

describe('the chassis', () => {
  const chosen = (...bodies: readonly object[]) =>
    chooseChassis(bodies.map((body) => ({ chassis: parseChassis({ ...body }) })))?.chassis.id

  it('is the one that holds the sled, not a part in it', () => {
    const power = { '@odata.id': '/p' }
    expect(
      chosen(
        { Id: 'BMC_0', ChassisType: 'Module', Power: power },
        { Id: 'Card', ChassisType: 'Card' },
        { Id: 'Sled', ChassisType: 'Sled', Power: power },
      ),
    ).toBe('Sled')
  })

  it('is the blade rather than the enclosure that holds it', () => {
    const sensors = { '@odata.id': '/s' }
    expect(
      chosen(
        { Id: 'Enclosure', ChassisType: 'Enclosure', Sensors: sensors },
        { Id: 'Node0', ChassisType: 'Blade', Sensors: sensors },
      ),
    ).toBe('Node0')
  })

  it('may leave out its type', () => {
    expect(chosen({ Id: 'a' }, { Id: 'b', Thermal: { '@odata.id': '/t' } })).toBe('b')
    expect(chosen({ Id: 'a' }, { Id: 'b', ChassisType: 'Zone' })).toBe('a')
    expect(chosen()).toBeUndefined()
  })
})
