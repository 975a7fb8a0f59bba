"""Signing in and out, one's own account, and the administration of accounts."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)  # fmt: skip
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice

from lms.core import clock
from lms.core.actor import Actor
from lms.core.db import begin_writing, db
from lms.core.i18n import LOCALES, _, format_date
from lms.core.permissions import Permission
from lms.people import queries, service
from lms.people import session as sessions
from lms.people.forms import (
    AccountForm,
    ChangePasswordForm,
    PeopleFilter,
    PostForm,
    RenameForm,
    RolesForm,
    SignInForm,
)
from lms.people.models import Unit, User
from lms.people.rules import ROLE_LABELS, MayNotManage, Role, Taken, TooEarly, TooManySignIns, WrongSignIn
from lms.people.signin import password, tries
from lms.web.access import open_to_new_password, public, requires, signed_in, slow_first
from lms.web.filters import TEXT_SIZES, THEMES
from lms.web.forms import choices, sent_json
from lms.web.pages import paged
from lms.web.security import csrf

bp = Blueprint("people", __name__, template_folder="templates")
YEAR = 31_536_000
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/dang-nhap")
@public
def sign_in() -> Answer:
    """The sign-in page; whoever is signed in goes on."""
    if current_user.is_authenticated:
        return redirect(url_for("home.start"), 303)
    return _sign_in_page(SignInForm(next=request.args.get("next", "")))


def _sign_in_page(form: SignInForm) -> str:
    demo = current_app.extensions["demo_accounts"]() if current_app.config["SETTINGS"].demo else ()
    return render_template("people/sign_in.html", form=form, demo=demo)


@bp.post("/dang-nhap")
@public
@slow_first
def do_sign_in() -> Answer:
    """Check name and password; a wrong one is counted, five close the account for a while."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form), 422
    user, refusal = _check(form.login.data or "", form.password.data)
    if user is None:
        form.password.errors = [refusal.text]
        return _sign_in_page(form), refusal.status
    target = local_target(form.next.data)
    display = {"text": user.text_size, "theme": user.theme, "locale": user.locale}
    if target and (fields := _kept(form.kept.data)):
        return _with_display(
            make_response(render_template("people/send_again.html", to=target, fields=fields)), display
        )
    return _with_display(redirect(target or url_for("home.start"), 303), display)


def _kept(written: str | None) -> list[tuple[str, str]]:
    """The fields of the form that the session's end interrupted; nothing for what no form of ours holds."""
    try:
        fields = json.loads(written or "[]")
    except (ValueError, RecursionError):
        return []
    good = isinstance(fields, list) and all(
        isinstance(field, list) and len(field) == 2 and all(isinstance(part, str) for part in field) for field in fields
    )
    return [(name, value) for name, value in fields if name != "csrf_token"] if good else []


@bp.post("/dang-nhap/tai-cho")
@csrf.exempt  # the token died with the session; only scripts of this site can send JSON here
@public
@slow_first
def sign_in_again() -> Answer:
    """Signing in again in place, for a quiz that is open: JSON in, a fresh CSRF token out."""
    data = sent_json()
    if not isinstance(data, dict):
        return jsonify(message=_("The request could not be understood. Go back and try again.")), 422
    user, refusal = _check(str(data.get("login", "")), str(data.get("password", ""))[:1024])
    if user is None:
        return jsonify(message=refusal.text), refusal.status
    return jsonify(csrf_token=generate_csrf())


def _check(login: str, typed: str) -> tuple[User | None, WrongSignIn | TooManySignIns]:
    """The account, signed in; or None and the refusal, whose count is kept because nothing is raised."""
    login, now, address = login[:254], clock.now(), request.remote_addr or ""
    nobody = WrongSignIn(left=0)
    user = queries.find_by_login(login)
    try:
        tries.refuse_when_used_up(tries.guess(user, login, address), now=now)
    except TooManySignIns as refusal:
        return None, refusal
    good = password.matches(user.password_hash if user else None, typed)
    user_id = user.id if user else None
    begin_writing()
    # Many guesses at once each saw tries left; those that come after the fifth are refused here.
    user = db.session.get(User, user_id) if user_id else None
    tried = tries.guess(user, login, address)
    tries.take_turns(tried)
    try:
        tries.refuse_when_used_up(tried, now=now)
    except TooManySignIns as refusal:
        return None, refusal
    if not good or user is None or user.deactivated_at is not None:
        return None, tries.refuse(tried, user, now=now)
    tries.accept(tried, user, now=now)
    sessions.begin(user)
    return user, nobody


def local_target(target: str | None) -> str | None:
    """The address to go on to, when it is one of ours."""
    if not target or "\\" in target or any(ord(c) < 33 for c in target):
        return None
    parts = urlsplit(target)
    own = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if own else None


def _with_display(response: AnyResponse, chosen: Mapping[str, str | None]) -> AnyResponse:
    """Text size, theme and language stay on this computer."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    for name, value in chosen.items():
        if value:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


@bp.post("/dang-xuat")
@public
def sign_out() -> Answer:
    """Sign out on this browser."""
    if current_user.is_authenticated:
        service.end_session(queries.get_user(current_user.id), by=current_user, now=clock.now())
    sessions.end()
    return redirect(url_for(".sign_in"), 303)


@bp.post("/hien-thi")
@public
def set_display() -> Answer:
    """Text size, theme or language: a cookie now, the profile for the next computer."""
    chosen = {
        "text": request.form.get("text") if request.form.get("text") in TEXT_SIZES else None,
        "theme": request.form.get("theme") if request.form.get("theme") in THEMES else None,
        "locale": request.form.get("locale") if request.form.get("locale") in LOCALES else None,
    }
    if current_user.is_authenticated:
        service.set_display(current_user.id, text_size=chosen["text"], theme=chosen["theme"], locale=chosen["locale"])
    return _with_display(redirect(local_target(request.form.get("next")) or url_for("home.start"), 303), chosen)


@bp.get("/ca-nhan")
@signed_in
def account() -> Answer:
    """One's own account."""
    user = queries.get_user(current_user.id)
    post = queries.find_post(user.id, clock.today())
    roles = [ROLE_LABELS[role] for role in Role if role in current_user.roles]
    return render_template("people/account.html", user=user, post=post, roles=roles)


@bp.post("/ca-nhan/dang-xuat-moi-noi")
@signed_in
def sign_out_everywhere() -> Answer:
    """End every session of one's account."""
    service.sign_out_everywhere(queries.get_user(current_user.id), by=current_user, now=clock.now())
    sessions.end()
    flash(_("You are signed out on every computer and phone."), "ok")
    return redirect(url_for(".sign_in"), 303)


@bp.get("/ca-nhan/mat-khau")
@signed_in
@open_to_new_password
def change_password() -> Answer:
    """Choosing a new password, by one's own wish or because it is due."""
    return render_template("people/change_password.html", form=ChangePasswordForm())


@bp.post("/ca-nhan/mat-khau")
@signed_in
@open_to_new_password
@slow_first
def do_change_password() -> Answer:
    """Store the new password; this browser stays signed in, others do not."""
    form = ChangePasswordForm()
    user = queries.get_user(current_user.id)
    form.person_name, form.login = user.name, user.login
    good = form.validate()
    if good and not password.matches(user.password_hash, form.current.data):
        form.current.errors = [_("This is not your current password.")]
        good = False
    if good and form.current.data == form.password.data:
        form.password.errors = [_("Choose another password than the current one.")]
        good = False
    if not good:
        return render_template("people/change_password.html", form=form), 422
    hashed = password.make(form.password.data)
    begin_writing()
    user = queries.get_user(current_user.id)
    service.change_password(user, hashed, by=current_user, now=clock.now())
    db.session.flush()
    sessions.begin(user)
    flash(_("The password is changed. Use the new one from now on."), "ok")
    return redirect(url_for("home.start"), 303)


@bp.get("/quan-tri/tai-khoan")
@requires(Permission.ACCOUNT_MANAGE)
def accounts() -> Answer:
    """All accounts, searched without marks."""
    words = request.args.get("tim", "")
    page = paged(queries.people(current_user, words=words, day=clock.today()), [User.sort_key, User.id])
    roles = queries.roles_of([row.id for row in page.rows])
    return render_template("people/accounts.html", page=page, words=words, roles=roles, labels=ROLE_LABELS)


def unit_choices() -> list[SelectChoice]:
    """The units of today for a select box; 0 is none."""
    rows = queries.units(current_user, clock.today())
    return choices([(0, "—"), *((row.id, "\u2003" * row.depth + row.name) for row in rows)])


def _overseen_choices(user: User) -> list[SelectChoice]:
    """The units of today, and those that ended and are still overseen."""
    today, standing = clock.today(), unit_choices()[1:]
    known = {choice.value for choice in standing}
    held = [grant.unit_id for grant in queries.roles_of([user.id])[user.id] if grant.role == Role.HR]
    ended = [(unit_id, queries.full_unit_name(unit_id, today)) for unit_id in held if unit_id not in known]
    return standing + choices(ended)


@bp.get("/quan-tri/tai-khoan/moi")
@requires(Permission.ACCOUNT_MANAGE)
def new_account() -> Answer:
    """The form of a new account."""
    form = AccountForm()
    form.unit.choices = unit_choices()
    return render_template("people/new_account.html", form=form)


@bp.post("/quan-tri/tai-khoan/moi")
@requires(Permission.ACCOUNT_MANAGE)
@slow_first
def do_new_account() -> Answer:
    """Make the account and show its temporary password once."""
    form = AccountForm()
    form.unit.choices = unit_choices()
    if not form.validate():
        return render_template("people/new_account.html", form=form), 422
    temporary = service.temporary_password()
    hashed = password.make(temporary)
    begin_writing()
    now = clock.now()
    try:
        user = service.add_user(
            name=form.name.data,
            email=form.email.data,
            phone=form.phone.data,
            staff_code=form.staff_code.data,
            password_hash=hashed,
            must_change_password=True,
            by=current_user,
            now=now,
        )
    except Taken as refusal:
        form[refusal.field].errors = [refusal.text]
        return render_template("people/new_account.html", form=form), 422
    unit = db.session.get(Unit, form.unit.data) if form.unit.data else None
    if unit:
        service.assign(user, unit, form.position.data, valid_from=clock.today(), by=current_user, now=now)
    roles, units = {Role(role) for role in form.roles.data}, [unit] if unit else []
    service.set_roles(user, roles, units=units, by=current_user, now=now)
    db.session.flush()
    return render_template("people/password_card.html", user=user, temporary=temporary)


@bp.get("/quan-tri/tai-khoan/<int:user_id>")
@requires(Permission.ACCOUNT_MANAGE)
def edit_account(user_id: int) -> Answer:
    """One account: name, roles, password, state."""
    return _account_page(queries.get_user(user_id))


def _account_page(
    user: User, rename: RenameForm | None = None, roles: RolesForm | None = None, post: PostForm | None = None
) -> str:
    grants = queries.roles_of([user.id])[user.id]
    overseen = [grant.unit_id for grant in grants if grant.role == Role.HR]
    rename = rename or RenameForm(formdata=None, name=user.name)
    roles = roles or RolesForm(formdata=None, roles=[grant.role for grant in grants], unit=overseen)
    roles.unit.choices = _overseen_choices(user)
    post = post or PostForm(formdata=None, unit=0)
    post.unit.choices = unit_choices()
    return render_template(
        "people/edit_account.html",
        user=user,
        rename=rename,
        roles=roles,
        post=post,
        posts=queries.posts_of(user.id, clock.today()),
        today=clock.today(),
    )


@bp.post("/quan-tri/tai-khoan/<int:user_id>/ten")
@requires(Permission.ACCOUNT_MANAGE)
def rename(user_id: int) -> Answer:
    """Correct the name."""
    user, form = queries.get_user(user_id), RenameForm()
    if not form.validate():
        return _account_page(user, rename=form), 422
    service.rename(user, form.name.data, by=current_user, now=clock.now())
    flash(_("The name is changed. Certificates already issued keep the old one."), "ok")
    return redirect(url_for(".edit_account", user_id=user.id), 303)


@bp.post("/quan-tri/tai-khoan/<int:user_id>/vai-tro")
@requires(Permission.ACCOUNT_MANAGE)
def set_roles(user_id: int) -> Answer:
    """Replace the roles."""
    user, form = queries.get_user(user_id), RolesForm()
    form.unit.choices = _overseen_choices(user)
    if not form.validate():
        return _account_page(user, roles=form), 422
    units = [db.session.get_one(Unit, unit_id) for unit_id in form.unit.data]
    service.set_roles(user, {Role(role) for role in form.roles.data}, units=units, by=current_user, now=clock.now())
    flash(_("The roles are changed."), "ok")
    return redirect(url_for(".edit_account", user_id=user.id), 303)


@bp.post("/quan-tri/tai-khoan/<int:user_id>/vi-tri")
@requires(Permission.ACCOUNT_MANAGE)
def change_post(user_id: int) -> Answer:
    """Another post from a day on, or none; what was before stays."""
    user, form = queries.get_user(user_id), PostForm()
    form.unit.choices = unit_choices()
    if not form.validate():
        return _account_page(user, post=form), 422
    unit, now = (db.session.get(Unit, form.unit.data) if form.unit.data else None), clock.now()
    try:
        if unit is None:
            service.end_post(user, on=form.on.data, by=current_user, now=now)
        else:
            service.assign(user, unit, form.position.data, valid_from=form.on.data, by=current_user, now=now)
    except TooEarly as refusal:
        form.on.errors = [refusal.text]
        return _account_page(user, post=form), 422
    flash(_("The post is changed from %(day)s on.", day=format_date(form.on.data)), "ok")
    return redirect(url_for(".edit_account", user_id=user.id), 303)


@bp.post("/quan-tri/tai-khoan/<int:user_id>/trang-thai")
@requires(Permission.ACCOUNT_MANAGE)
def set_state(user_id: int) -> Answer:
    """Close the account, or open it again, as the button says: pressed twice it does the same."""
    user, wanted = queries.get_user(user_id), request.form.get("state")
    if wanted == "closed":
        service.deactivate(user, by=current_user, now=clock.now())
        flash(_("The account is closed. What the person learnt is kept; the same button opens it again."), "ok")
    elif wanted == "open":
        service.reactivate(user, by=current_user, now=clock.now())
        flash(_("The account is open again."), "ok")
    else:
        abort(422)
    return redirect(url_for(".edit_account", user_id=user.id), 303)


@bp.get("/theo-doi/nguoi/<int:user_id>/mat-khau")
@requires(Permission.ACCOUNT_RESET)
def confirm_reset(user_id: int) -> Answer:
    """What a reset does, before it is done."""
    user = queries.get_person(current_user, user_id)
    if not queries.ids_manageable(current_user, [user.id]):
        raise MayNotManage
    return render_template("people/reset_password.html", user=user)


@bp.post("/theo-doi/nguoi/<int:user_id>/mat-khau")
@requires(Permission.ACCOUNT_RESET)
@slow_first
def reset_password(user_id: int) -> Answer:
    """A temporary password for a person in scope, shown once, to be changed at the next sign-in."""
    temporary = service.temporary_password()
    hashed = password.make(temporary)
    begin_writing()
    user = queries.get_person(current_user, user_id)
    service.reset_password(user, hashed, by=Actor(current_user.id, current_user.name), now=clock.now())
    return render_template("people/password_card.html", user=user, temporary=temporary)


@bp.get("/theo-doi/nguoi")
@requires(Permission.PEOPLE_READ)
def people() -> Answer:
    """The people the viewer oversees."""
    form, today = PeopleFilter(), clock.today()
    rows = queries.units(current_user, today)
    form.unit.choices = choices([("", _("All units")), *((row.id, "\u2003" * row.depth + row.name) for row in rows)])
    if not form.validate():
        return render_template("people/people.html", form=form, page=None), 422
    words = (form.words.data or "")[:100]
    query = queries.people(current_user, words=words, unit_id=form.unit.data, day=today)
    return render_template("people/people.html", form=form, page=paged(query, [User.sort_key, User.id]))
