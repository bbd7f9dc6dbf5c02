// connectwise-rest (npm) lists a whole tenant page by page, and changes one quantity.
//
// It never asks companyinfo (it uses v4_6_release), ignores Link headers, and pages until a short page.
// HIVE_WITNESS_URL is the simulator, NODE_EXTRA_CA_CERTS its certificate, NODE_PATH where the client is;
// `cargo xtask test --only witnesses` sets them. One line a check, `ok …` or `FAIL …`; ends 1 if any failed.
'use strict';
const { isDeepStrictEqual } = require('node:util');
const { ManageAPI } = require('connectwise-rest');

const URL_ = process.env.HIVE_WITNESS_URL;
const PAGE = 40; // small, so that a tenant of size S takes several pages of everything
const AGREEMENTS = 5;
let failed = 0;

function check(what, seen, expected) {
  const same = isDeepStrictEqual(seen, expected);
  failed += same ? 0 : 1;
  console.log(same ? `ok ${what}: ${short(seen)}` : `FAIL ${what}: expected ${short(expected)}, saw ${short(seen)}`);
}

function short(value) {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

/** What the simulator says it holds, around the API. */
async function sim(path) {
  const answer = await fetch(`${URL_}/_sim/${path}`);
  return answer.json();
}

/** [agreement id, {addition id: quantity}], the agreements with most additions first. */
async function additionsByAgreement() {
  const found = new Map();
  for (const row of await sim('additions')) {
    if (!found.has(row.agreementId)) found.set(row.agreementId, {});
    found.get(row.agreementId)[row.id] = row.quantity;
  }
  const size = ([, held]) => Object.keys(held).length;
  return [...found].sort((a, b) => size(b) - size(a) || a[0] - b[0]);
}

const byId = (rows) => Object.fromEntries(rows.map((row) => [row.id, row.quantity]));

async function lists(cwm) {
  const { CompanyAPI, FinanceAPI, ProcurementAPI } = cwm;
  const collections = [
    ['company/companies', CompanyAPI.getCompanyCompanies, () => CompanyAPI.getCompanyCompaniesCount()],
    ['finance/agreements', FinanceAPI.getFinanceAgreements, () => FinanceAPI.getFinanceAgreementsCount()],
    ['procurement/catalog', ProcurementAPI.getProcurementCatalog, () => ProcurementAPI.getProcurementCatalogCount()],
  ];
  for (const [path, list, count] of collections) {
    const rows = await cwm.paginate(list, { pageSize: PAGE }, {});
    const ids = new Set(rows.map((row) => row.id));
    check(`${path} takes more than one page`, rows.length > PAGE, true);
    check(`${path}, every page, against /count`, ids.size, (await count()).count);
    check(`${path}, no row twice`, rows.length, ids.size);
  }
}

async function additions(cwm) {
  const list = cwm.FinanceAPI.getFinanceAgreementsByParentIdAdditions;
  for (const [agreement, held] of (await additionsByAgreement()).slice(0, AGREEMENTS)) {
    const pageSize = Math.max(1, Math.floor(Object.keys(held).length / 3));
    const rows = await cwm.paginate(list, { pageSize }, agreement, {});
    check(`additions of agreement ${agreement}, in pages of ${pageSize}`, byId(rows), held);
    const { count } = await cwm.FinanceAPI.getFinanceAgreementsByParentIdAdditionsCount(agreement);
    check(`additions of agreement ${agreement}, /count`, count, rows.length);
  }
}

async function conditions(cwm) {
  const all = await cwm.CompanyAPI.getCompanyCompanies({ pageSize: 1000 });
  const wanted = all.filter((row) => !row.deletedFlag).map((row) => row.id);
  const asked = { conditions: 'deletedFlag=false', fields: 'id,name', orderBy: 'id desc', pageSize: 1000 };
  const rows = await cwm.CompanyAPI.getCompanyCompanies(asked);
  check('conditions=deletedFlag=false, orderBy=id desc', rows.map((row) => row.id), wanted.sort((a, b) => b - a));
  check('fields=id,name', Object.keys(rows[0]).sort(), ['id', 'name']);
}

async function patch(cwm) {
  const [agreement, held] = (await additionsByAgreement())[1];
  const addition = Number(Object.keys(held)[0]);
  const wanted = held[addition] + 11;
  const written = (await sim('writes')).length;
  const change = [{ op: 'replace', path: 'quantity', value: wanted }];
  const answered = await cwm.FinanceAPI.patchFinanceAgreementsByParentIdAdditionsById(addition, agreement, change);
  check('the PATCH answers with that addition', [answered.id, answered.quantity], [addition, wanted]);
  const read = await cwm.FinanceAPI.getFinanceAgreementsByParentIdAdditionsById(addition, agreement);
  check('a GET reads it back', read.quantity, wanted);
  const now = new Map(await additionsByAgreement()).get(agreement)[addition];
  check('the simulator holds it', now, wanted);
  check("one more write in the simulator's log", (await sim('writes')).length, written + 1);
}

async function refusal(cwm) {
  const error = await cwm.FinanceAPI.getFinanceAgreementsById(999999999).catch((error) => error);
  check('an agreement that is not there', [error.status, error.data?.code], [404, 'NotFound']);
}

async function story() {
  const cwm = new ManageAPI({
    companyId: 'northwind',
    companyUrl: URL_.replace('https://', ''),
    publicKey: 'PUBLICKEY0000001',
    privateKey: 'PRIVATEKEY000001',
    clientId: '5f0e1c52-7a44-4d0e-9a53-3c0a7b6f2d11',
    logger: () => {}, // it prints every error it meets, the expected ones too
  });
  await lists(cwm);
  await additions(cwm);
  await conditions(cwm);
  await patch(cwm);
  await refusal(cwm);
}

story()
  .catch((error) => {
    failed += 1;
    console.log(`FAIL connectwise-rest: ${error.message ?? short(error)}`);
  })
  .finally(() => process.exit(failed ? 1 : 0));
