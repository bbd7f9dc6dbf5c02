"""django-connectwise (PyPI) mirrors the tenant's companies and agreements with its own synchronizers.

It has no client for additions or the catalog. Its synchronizers are the real thing: they page until
a short page, and keep what they read in a database of their own (SQLite in memory here). Its PATCH
sends every value as text.
"""

import logging
from decimal import Decimal

import django
from checks import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY, URL, additions_by_agreement, check, count, main, sim
from django.conf import settings

PAGE = 40  # small, so that a tenant of size S takes several pages of everything

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "djconnectwise"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    MIGRATION_MODULES={"djconnectwise": None},  # its tables as they are now, without their history
    USE_TZ=True,
    CONNECTWISE_SERVER_URL=URL,
    CONNECTWISE_CLIENTID=CLIENT_ID,
    CONNECTWISE_CREDENTIALS={"company_id": COMPANY, "api_public_key": PUBLIC_KEY, "api_private_key": PRIVATE_KEY},
    DJCONNECTWISE_CONF_CALLABLE=lambda: {"batch_size": PAGE, "response_version": "2025.1"},
)
django.setup()

from django.core.management import call_command  # noqa: E402
from djconnectwise import api, models, sync  # noqa: E402

logging.disable(logging.WARNING)  # it tells of every territory that we do not mirror


def story():
    call_command("migrate", run_syncdb=True, verbosity=0)
    before = sim("requests")
    mirror("company/companies/statuses", sync.CompanyStatusSynchronizer, models.CompanyStatus)
    mirror("company/companies/types", sync.CompanyTypeSynchronizer, models.CompanyType)
    mirror("finance/agreements/types", sync.AgreementTypeSynchronizer, models.AgreementType)
    mirror("company/companies", sync.CompanySynchronizer, models.Company, "(deletedFlag=False)")
    mirror("finance/agreements", sync.AgreementSynchronizer, models.Agreement)
    asked = {name: number - before[name] for name, number in sim("requests").items()}
    check("companies and agreements took several pages", asked["companies"] > 2 and asked["agreements"] > 2, True)
    joined()
    again()
    patched()
    refused()


def mirror(path, synchronizer, model, conditions=""):
    """One full sync as its users run it: every row of /count is created, none is skipped."""
    created, updated, skipped, deleted = synchronizer(full=True).sync()
    rows = count(path, conditions)
    check(f"{path}, synced against /count", model.objects.count(), rows)
    check(f"{path}, created, updated, skipped, deleted", [created, updated, skipped, deleted], [rows, 0, 0, 0])


def joined():
    """The references in the rows lead to rows: companies have a status, agreements a type."""
    check("companies without a status", models.Company.objects.filter(status=None).count(), 0)
    check("companies with a type", models.Company.objects.exclude(company_types=None).exists(), True)
    check("agreements without a type", models.Agreement.objects.filter(agreement_type=None).count(), 0)
    check("a deleted company is not mirrored", models.Company.objects.filter(deleted_flag=True).count(), 0)
    active = count("finance/agreements", 'agreementStatus="Active"')
    check("active agreements", models.Agreement.objects.filter(agreement_status="Active").count(), active)


def again():
    """A second full sync of the same tenant changes nothing and prunes nothing."""
    rows = models.Agreement.objects.count()
    done = sync.AgreementSynchronizer(full=True).sync()
    check("a second sync of agreements, created, updated, skipped, deleted", list(done), [0, 0, rows, 0])


def patched():
    """The PATCH of its base client, a quantity as text, is taken as the number."""
    agreement, held = list(additions_by_agreement().items())[2]
    addition, was = next(iter(held.items()))
    wanted = was + 0.5
    path = f"agreements/{agreement}/additions/{addition}"
    answered = api.FinanceAPIClient().update_instance({"quantity": Decimal(str(wanted))}, path)
    check("the PATCH answers with that addition", [answered["id"], answered["quantity"]], [addition, wanted])
    check("the simulator holds it", additions_by_agreement()[agreement][addition], wanted)


def refused():
    """What is not there is a 404, and so is a wrong key through v4_6_release, as on ConnectWise's cloud."""
    company = models.Company.objects.first()
    check("a company by id", api.CompanyAPIClient().by_id(company.id)["name"], company.name)
    check("a company that is not there", told(lambda: api.CompanyAPIClient().by_id(999999999)), "not found")
    wrong = api.CompanyAPIClient(api_private_key="WRONG")
    check("a wrong key", told(wrong.get_companies), "not found")


def told(ask):
    try:
        return ask()
    except api.ConnectWiseRecordNotFoundError:
        return "not found"


main(story)
