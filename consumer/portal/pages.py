"""The pages, and what each asks the producer for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for

from consumer.portal import visitor as visitors
from consumer.portal.asking import Asking, Call
from consumer.portal.cards import contact_cards, listing_cards, name_of_type
from consumer.portal.panel import shown
from consumer.portal.settings import View
from consumer.portal.visitor import Visitor
from contracts import oids
from contracts.clock import swedish_now
from contracts.codes import PV, ResultCode, counties
from contracts.identifiers import IdentifierError, PersonId
from contracts.messages import (
    CV,
    II,
    CreateListing,
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
)

STATE = "portal"
"""Where the application keeps its `PortalState`."""

pages = Blueprint("pages", __name__)

Page = Callable[..., Any]


def _for_visitor(page: Page) -> Page:
    """Show a page to whom it is for, and send everybody else to choose."""

    @wraps(page)
    def shown_to(**values: Any) -> Any:
        found = visitors.present_visitor()
        return redirect(url_for("pages.start")) if found is None else page(found, **values)

    return shown_to


@pages.context_processor
def _always() -> dict[str, Any]:
    """Return what every page shows: for whom it is, and what was called for it."""
    asking: Asking | None = g.get("asking")
    schemas = current_app.extensions[STATE].schemas
    return {
        "visitor": visitors.present_visitor(),
        "View": View,
        "counties": counties(),
        "calls": [shown(call, schemas) for call in asking.calls] if asking else [],
    }


@pages.get("/")
def start() -> Any:
    """Show who can be chosen."""
    return _start()


def _start(error: str = "", number: str = "", county: str = "") -> Any:
    state = current_app.extensions[STATE]
    page = render_template(
        "start.html",
        personas=state.personas,
        error=error,
        number=number,
        county=county or state.settings.county,
    )
    return page, 400 if error else 200


@pages.post("/valj")
def choose() -> Any:
    """Let the pages be about somebody."""
    form, settings = request.form, current_app.extensions[STATE].settings
    number, county, view = (form.get(name, "").strip() for name in ("person", "county", "view"))
    asker = form.get("asker", "").strip()
    try:
        person = PersonId.from_text(number, check_digits=False).extension
        if asker:
            asker = PersonId.from_text(asker, check_digits=False).extension
    except IdentifierError:
        return _start("Ange personnumret med 12 siffror, till exempel ÅÅÅÅMMDDNNNN.", number, county)
    if county not in counties():
        return _start("Välj ett län i listan.", number)
    if view not in set(View) or (view == View.GUARDIAN and not asker):
        return _start("Ange vårdnadshavarens personnummer med 12 siffror.", number, county)
    if view == View.PROFESSIONAL:
        asker = settings.professional
    Visitor(person, county, View(view), asker if view != View.CITIZEN else "").keep()
    return redirect(url_for("pages.listing"))


@pages.post("/avsluta")
def leave() -> Any:
    """Let the pages be about nobody."""
    visitors.forget()
    return redirect(url_for("pages.start"))


@pages.get("/vardcentral")
@_for_visitor
def listing(visitor: Visitor) -> Any:
    """Show where the resident is listed and queuing, in each county where she is."""
    asking = _asking()
    found = asking.ask(GetListingCounty(visitor.actor, visitor.person_id), visitor.county)
    answered = [one.get("extension", "") for one in _list(found, "listingCounties")]
    where = dict.fromkeys([visitor.county, *filter(None, answered)])
    answers = [(county, asking.ask(GetListing(visitor.actor, visitor.person_id), county)) for county in where]
    cards = [card for county, call in answers for card in listing_cards(call.body, county)]
    return render_template(
        "listing.html",
        listings=[card for card in cards if not card.in_queue],
        queues=[card for card in cards if card.in_queue],
        troubles=_troubles(call for _, call in answers),
    )


@pages.get("/kontakter")
@_for_visitor
def contacts(visitor: Visitor) -> Any:
    """Show the resident's fixed contacts."""
    state = current_app.extensions[STATE]
    call = _asking().ask(GetCareManagers(visitor.person_id), state.contacts_address)
    why = list(state.explain(visitor.person)) if state.explain and visitor.for_staff else None
    return render_template(
        "contacts.html",
        cards=list(contact_cards(call.body, swedish_now(), for_staff=visitor.for_staff)),
        troubles=_troubles([call]),
        why=why,
    )


@pages.get("/byt")
@_for_visitor
def facilities(visitor: Visitor) -> Any:
    """Show where the resident can be listed, for a type and in a county."""
    asking, county = _asking(), _county(visitor)
    types = asking.ask(GetListingTypes(visitor.person_id, _county_id(visitor.county)), county)
    chosen = _listing_type()
    call = asking.ask(GetAvailableHealthcareFacilities(listing_types=(chosen,)), county)
    return render_template(
        "facilities.html",
        county=county,
        chosen=chosen,
        types=[(one, name_of_type(one)) for one in _list(types, "listingTypes")],
        facilities=sorted(_list(call, "healthcareFacilities"), key=lambda one: str(one.get("name"))),
        troubles=_troubles([types, call]),
    )


@pages.get("/byt/bekrafta")
@_for_visitor
def confirm(visitor: Visitor) -> Any:
    """Show what a change means, and the doctors there are to choose, before it is asked for."""
    asking, county, chosen = _asking(), _county(visitor), _listing_type()
    hsa_id = request.args.get("enhet", "")
    found = asking.ask(GetAvailableHealthcareFacilities((hsa_id,), (chosen,)), county)
    facility = next(iter(_list(found, "healthcareFacilities")), None)
    doctors: list[Any] = []
    if facility is not None and facility.get("supportsHealthcarePersonnel"):
        call = asking.ask(GetAvailableHealthcarePersonnel(visitor.person_id, hsa_id, (chosen,)), county)
        doctors = _list(call, "healthcarePersonnel")
    return render_template(
        "confirm.html",
        county=county,
        chosen=chosen,
        facility=facility,
        doctors=doctors,
        # A producer need not have GetAvailableHealthcarePersonnel: no doctor is chosen then (TKB).
        troubles=_troubles([found]),
    )


@pages.post("/byt")
@_for_visitor
def change(visitor: Visitor) -> Any:
    """Ask for a change, and show what came of it."""
    form, asking = request.form, _asking()
    county = form.get("lan", visitor.county)
    queue = {"in": True, "ut": False}.get(form.get("ko", ""))
    call = asking.ask(
        CreateListing(
            visitor.actor,
            visitor.person_id,
            form.get("enhet", ""),
            CV(form.get("typ", PV.code), form.get("kodverk", PV.system)),
            form.get("lakare") or None,
            queue,
            # Told when the two differ, and only then (carelisting TKB, CreateListing).
            *((_county_id(visitor.county), _county_id(county)) if county != visitor.county else ()),
        ),
        county,
    )
    return render_template("result.html", call=call, answer=call.answer, ResultCode=ResultCode)


def _asking() -> Asking:
    g.asking = Asking(current_app.extensions[STATE].clients)
    return g.asking  # type: ignore[no-any-return]


def _county(visitor: Visitor) -> str:
    given = request.args.get("lan", visitor.county)
    return given if given in counties() else visitor.county


def _county_id(code: str) -> II:
    return II(oids.COUNTY, code)


def _listing_type() -> CV:
    return CV(request.args.get("typ", PV.code), request.args.get("kodverk", PV.system))


def _list(call: Call, element: str) -> list[Any]:
    found = call.body.get(element)
    return [one for one in found if one] if isinstance(found, list) else []


def _troubles(calls: Any) -> list[str]:
    """Return what a resident reads of calls that did not bring what was asked for."""
    texts = []
    for call in calls:
        if call.failed:
            log_id = f" Ange {call.log_id} om du kontaktar supporten." if call.log_id else ""
            texts.append(f"Tjänsten svarar inte just nu. Försök igen senare.{log_id}")
        elif call.answer.result_code not in (None, ResultCode.OK):
            texts.append(call.answer.result_text or "Uppgifterna kan inte visas.")
    return list(dict.fromkeys(texts))
