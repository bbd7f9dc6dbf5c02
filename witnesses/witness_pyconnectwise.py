"""pyconnectwise (PyPI) lists a whole tenant page by page, and changes one quantity.

It asks companyinfo first, follows Link headers, and refuses rows that miss a required field.
"""

from checks import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY, URL, additions_by_agreement, check, count, main, sim
from pyconnectwise import ConnectWiseManageAPIClient

PAGE = 40  # small, so that a tenant of size S takes several pages of everything
AGREEMENTS = 5


def story():
    host = URL.removeprefix("https://")
    client = ConnectWiseManageAPIClient(COMPANY, host, CLIENT_ID, PUBLIC_KEY, PRIVATE_KEY)
    check("companyinfo gave the codebase, slash and all", client.codebase.endswith("/"), True)
    lists(client)
    additions(client)
    conditions(client)
    patch(client)


def lists(client):
    collections = {
        "company/companies": client.company.companies,
        "finance/agreements": client.finance.agreements,
        "procurement/catalog": client.procurement.catalog,
    }
    for path, endpoint in collections.items():
        first = endpoint.paginated(1, PAGE)
        check(f"{path} takes more than one page", first.has_next_page, True)
        ids = [row.id for row in endpoint.paginated(1, PAGE).all()]
        check(f"{path}, every page, against /count", len(set(ids)), count(path))
        check(f"{path}, no row twice", len(ids), len(set(ids)))
        check(f"{path}, the client's own /count", endpoint.count.get().count, len(ids))


def additions(client):
    for agreement, held in list(additions_by_agreement().items())[:AGREEMENTS]:
        endpoint = client.finance.agreements.id(agreement).additions
        page = max(1, len(held) // 3)
        rows = {row.id: row.quantity for row in endpoint.paginated(1, page).all()}
        check(f"additions of agreement {agreement}, in pages of {page}", rows, held)
        check(f"additions of agreement {agreement}, /count", endpoint.count.get().count, len(held))


def conditions(client):
    companies = client.company.companies
    deleted = [row.id for row in companies.paginated(1, 1000).all() if row.deleted_flag]
    left = companies.get(params={"conditions": "deletedFlag=false", "pageSize": 1000, "orderBy": "id asc"})
    check("conditions=deletedFlag=false", len(left), count("company/companies") - len(deleted))
    check("orderBy=id asc", [row.id for row in left], sorted(row.id for row in left))


def patch(client):
    agreement, held = next(iter(additions_by_agreement().items()))
    addition, was = next(iter(held.items()))
    endpoint = client.finance.agreements.id(agreement).additions.id(addition)
    wanted = was + 7
    written = len(sim("writes"))
    answered = endpoint.patch([{"op": "replace", "path": "quantity", "value": wanted}])
    check("the PATCH answers with that addition", [answered.id, answered.quantity], [addition, wanted])
    check("a GET reads it back", endpoint.get().quantity, wanted)
    check("the simulator holds it", additions_by_agreement()[agreement][addition], wanted)
    check("one more write in the simulator's log", len(sim("writes")), written + 1)


main(story)
