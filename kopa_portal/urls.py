"""Every address of the portal. Finnish has no prefix, /sv/ and /en/ are the others, so that a shared link opens in its language."""
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path

from kopa_portal import pages
from kopa_portal.gallery import gallery
from kopa_portal.operation import views as operation
from pilots.views.home import home

urlpatterns = [
    path("api/v1/", include("kopa_portal.api")),
    path("hsds/", include("services.api.hsds_urls")),
    path("health", operation.health, name="health"),
    path("ready", operation.ready, name="ready"),
    path("metrics", operation.show_metrics, name="metrics"),
    path(".well-known/security.txt", operation.security_txt, name="security_txt"),
    re_path(r"^language/(?P<code>fi|sv|en)/$", pages.set_language, name="set_language"),
    *i18n_patterns(
        path("", home, name="home"),
        path("account/", include("accounts.urls")),
        path("accessibility/", pages.page, {"template": "pages/accessibility.html"}, name="accessibility"),
        path("privacy/", pages.page, {"template": "pages/privacy.html"}, name="privacy"),
        path("privacy/record/", pages.processing, name="processing"),
        path("about/", pages.page, {"template": "pages/about.html"}, name="about"),
        path("developers/", pages.developers, name="developers"),
        path("feedback/", pages.feedback, name="feedback"),
        path("gallery/", gallery, name="gallery"),
        path("services/", include("services.urls")),
        path("guidance/", include("guidance.urls")),
        path("my-path/", include("guidance.urls.own")),
        path("", include("summaries.urls")),
        path("", include("pilots.urls")),
        prefix_default_language=False,
    ),
]

handler400 = "accounts.unavailable.unread_request"
handler500 = "accounts.unavailable.server_error"
