const assert = require('assert')
const { ManageAPI } = require('connectwise-rest')

async function main() {
  const cw = new ManageAPI({
    companyId: 'northwind', companyUrl: '127.0.0.1:18443', clientId: '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    publicKey: 'PUBLICKEY0000001', privateKey: 'PRIVATEKEY000001',
  })
  const companies = await cw.CompanyAPI.getCompanyCompanies({
    conditions: "name like 'M%' and deletedFlag=false", fields: 'id,identifier,name', orderBy: 'id asc', pageSize: 1000,
  })
  assert.deepStrictEqual(companies.map((company) => company.name), ['Müller & Söhne GmbH'])
  const list = cw.FinanceAPI.getFinanceAgreements.bind(cw.FinanceAPI)
  const agreements = await cw.paginate(list, { startPage: 1, pageSize: 4 }, { conditions: 'cancelledFlag=false' })
  assert.strictEqual(agreements.length, 14)
  const parent = agreements[0].id
  const additions = await cw.FinanceAPI.getFinanceAgreementsByParentIdAdditions(parent, { pageSize: 1000 })
  const change = [{ op: 'replace', path: 'quantity', value: 9 }]
  const patched = await cw.FinanceAPI.patchFinanceAgreementsByParentIdAdditionsById(additions[0].id, parent, change)
  assert.strictEqual(patched.quantity, 9)
  assert.strictEqual((await cw.ProcurementAPI.getProcurementCatalog({ pageSize: 1000 })).length, 10)
  console.log('connectwise-rest: fine')
}
main().catch((error) => { console.error(error); process.exit(1) })
