"""The account page and those pages of allauth that the portal uses, each with a template of ours.

Left out: sign-in by a code sent by mail (a mailbox would then be enough), phone numbers, sign-up by passkey.
"""
from allauth.account import views
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from accounts.views import (
    account,
    address_check,
    address_confirm,
    identity_callback,
    identity_link,
    identity_login,
    identity_unlink,
    in_one_transaction,
    notification_choices,
    notification_list,
    notification_open,
    notification_read_all,
    sign_out,
    sign_out_elsewhere,
    sign_up,
    with_a_new_key,
)

urlpatterns = [
    path("", account, name="account"),
    path("sessions/end/", sign_out_elsewhere, name="account_end_sessions"),
    path("notifications/", notification_list, name="notification_list"),
    path("notifications/read/", notification_read_all, name="notification_read_all"),
    path("notifications/<int:pk>/open/", notification_open, name="notification_open"),
    path("notifications/choices/", notification_choices, name="notification_choices"),
    path("notifications/address/<int:pk>/check/", address_check, name="address_check"),
    path("notifications/address/confirm/<str:token>/", address_confirm, name="address_confirm"),
    path("login/", views.login, name="account_login"),
    path("identity/<slug:provider_id>/login/", identity_login, name="openid_connect_login"),
    path("identity/<slug:provider_id>/login/callback/", identity_callback, name="openid_connect_callback"),
    path("identity/<slug:provider_id>/link/", identity_link, name="account_identity_link"),
    path("identity/<int:pk>/unlink/", identity_unlink, name="account_identity_unlink"),
    path("logout/", sign_out, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", sign_up, name="account_signup"),
    path("reauthenticate/", with_a_new_key(views.reauthenticate), name="account_reauthenticate"),
    path("email/", in_one_transaction(views.email), name="account_email"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", in_one_transaction(views.confirm_email), name="account_confirm_email"),
    path("password/change/", in_one_transaction(views.password_change), name="account_change_password"),
    path("password/set/", in_one_transaction(views.password_set), name="account_set_password"),
    path("password/reset/", in_one_transaction(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        in_one_transaction(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("second-factor/", second_factor.index, name="mfa_index"),
    path("second-factor/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("second-factor/reauthenticate/", with_a_new_key(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/totp/activate/", in_one_transaction(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/totp/deactivate/", in_one_transaction(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/recovery-codes/generate/", in_one_transaction(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("second-factor/recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("second-factor/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("second-factor/passkeys/add/", in_one_transaction(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("second-factor/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("second-factor/passkeys/reauthenticate/", with_a_new_key(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("second-factor/passkeys/<int:pk>/remove/", in_one_transaction(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("second-factor/passkeys/<int:pk>/edit/", in_one_transaction(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
]
