from pyconnectwise import ConnectWiseManageAPIClient

cw = ConnectWiseManageAPIClient(
    "northwind", "127.0.0.1:18443", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "PUBLICKEY0000001", "PRIVATEKEY000001"
)
named = cw.company.companies.get(
    params={"conditions": "name like 'M%' and deletedFlag=false", "orderBy": "id asc", "pageSize": 1000}
)
assert [company.name for company in named] == ["Müller & Söhne GmbH"], named
paged = list(cw.company.companies.paginated(1, 4, params={"conditions": "deletedFlag=false"}).all())
assert len(paged) == 9 and cw.company.companies.count.get().count == 10
agreement = cw.finance.agreements.get(params={"conditions": "cancelledFlag=false", "pageSize": 1000})[0]
additions = cw.finance.agreements.id(agreement.id).additions
rows = list(additions.paginated(1, 2).all())
item = cw.procurement.catalog.get(params={"conditions": "inactiveFlag=false"})[0]
patched = additions.id(rows[0].id).patch([{"op": "replace", "path": "quantity", "value": 7}])
assert patched.quantity == 7
made = additions.post({"product": {"id": item.id}, "billCustomer": "Billable", "quantity": 1})
additions.id(made.id).delete()
assert len(list(additions.paginated(1, 2).all())) == len(rows)
assert cw.system.my_security.get(params={"pageSize": 1000}) and cw.system.info.get().version
print("pyconnectwise: fine")
