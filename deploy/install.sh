#!/bin/bash
# Installs the portal on this Debian server, or brings it to the version of the checkout that this script lies in.
#
#   deploy/install.sh --host kopa.example.fi     the first time
#   deploy/install.sh                            again, with a newer checkout: an upgrade. With the same one it changes nothing.
#
# docs/deployment.md tells what it does, and what is left to a person. It prints no secret. Each step looks first at what is there,
# so that a run that broke off is simply run again.
set -euo pipefail
umask 022

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
source=$(dirname "$here")
host=
while [ $# -gt 0 ]; do
  case $1 in
    --host) host=${2:?"--host needs the name of the portal, such as kopa.example.fi"}; shift 2 ;;
    *) echo "Unknown: $1. Usage: deploy/install.sh [--host NAME]" >&2; exit 2 ;;
  esac
done

changed=()
say() { echo "== $*"; }
stop() { echo "$*" >&2; exit 1; }
secret() { head -c 48 /dev/urandom | base64 -w 0 | tr '+/' '-_'; }

# Puts the text of standard input into a file, if it is another than what is there.
put() {
  local file=$1 mode=$2 fresh
  fresh=$(mktemp)
  cat >"$fresh"
  if cmp -s "$fresh" "$file"; then
    rm "$fresh"
    return 1
  fi
  install -D -m "$mode" "$fresh" "$file"
  rm "$fresh"
  changed+=("$file")
}

[ "$(id -u)" = 0 ] || stop "Run it as root: sudo deploy/install.sh"
[ -d /run/systemd/system ] || stop "This server is not run by systemd."
[ -n "$host" ] || [ -f /etc/kopa/kopa.env ] || stop "The first time, say the portal's name: deploy/install.sh --host kopa.example.fi"
case $host in *[!a-z0-9.-]*) stop "--host: small letters, digits, dots and hyphens only, without https://" ;; esac

# -- Programs of Debian ------------------------------------------------------------------------------------------------
local_database=1
if [ -f /etc/kopa/kopa.env ] && ! grep -q '^DATABASE_URL=postgres:///' /etc/kopa/kopa.env; then local_database=0; fi
# logrotate: only recommended by the two whose logs it shortens.
packages=(ca-certificates curl git logrotate nginx openssl postgresql-client python3 python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
[ $local_database = 0 ] || packages+=(postgresql)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "Debian's packages: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  changed+=("packages")
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "The portal needs Python 3.11 or newer: Debian 12 has it."

# -- Which version -----------------------------------------------------------------------------------------------------
git() { command git -c safe.directory="$source" -C "$source" "$@"; }
git rev-parse --verify --quiet HEAD >/dev/null || stop "$source is no checkout of the portal's repository: get it with git clone."
[ -z "$(git status --porcelain --untracked-files=no)" ] || stop "Files of $source were changed. The portal runs what is committed: git -C $source status"
version=$(git rev-parse --short=12 HEAD)
release=/opt/kopa/releases/$version
running=$(readlink -e /opt/kopa/current 2>/dev/null || true)

# -- Users and folders -------------------------------------------------------------------------------------------------
for user in kopa_owner kopa_web; do
  if ! getent passwd "$user" >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
    changed+=("user $user")
  fi
done
install -d -m 0755 /opt/kopa /opt/kopa/releases /var/lib/kopa /var/lib/kopa/acme
install -d -m 0700 /etc/kopa /etc/kopa/tls
install -d -m 0700 -o kopa_web -g kopa_web /var/lib/kopa/private /var/lib/kopa/erasures /var/lib/kopa/heads
[ -e /var/lib/kopa/erasures/erasures.jsonl ] || install -m 0600 -o kopa_web -g kopa_web /dev/null /var/lib/kopa/erasures/erasures.jsonl
install -d -m 0755 -o kopa_owner -g kopa_owner /var/lib/kopa/static /var/lib/kopa/word-forms /var/lib/kopa/unavailable
install -d -m 0750 -o kopa_owner -g kopa_web /var/backups/kopa
# The private key of the backups lies here for as long as it must, away from what the pages may read and from what is fetched.
install -d -m 0700 -o kopa_owner -g kopa_owner /var/lib/kopa/key

# -- Settings and secrets ----------------------------------------------------------------------------------------------
if [ ! -f /etc/kopa/kopa.env ]; then
  say "Settings with new secrets: /etc/kopa/kopa.env"
  # Each secret its own. The file has its name when it is whole.
  (
    umask 077
    while IFS= read -r line; do
      line=${line//@SECRET@/$(secret)}
      printf '%s\n' "${line//@HOST@/$host}"
    done <"$here/kopa.env.example" >/etc/kopa/kopa.env.part
  )
  mv /etc/kopa/kopa.env.part /etc/kopa/kopa.env
  changed+=("/etc/kopa/kopa.env")
fi
if [ ! -f /etc/kopa/seal.env ]; then
  (umask 077 && printf 'SEAL_KEY=%s\n' "$(secret)" >/etc/kopa/seal.env.part)
  mv /etc/kopa/seal.env.part /etc/kopa/seal.env
  changed+=("/etc/kopa/seal.env")
fi
if [ $local_database = 1 ] && [ ! -f /etc/kopa/owner.env ]; then
  # Of the owner: a migration may take its time, but gives up where the portal would have to wait behind it.
  (umask 077 && echo 'DATABASE_URL=postgres:///kopa?host=/run/postgresql&options=-c%20statement_timeout%3D0%20-c%20lock_timeout%3D2000%20-c%20idle_in_transaction_session_timeout%3D60000%20-c%20jit%3Doff' >/etc/kopa/owner.env)
  changed+=("/etc/kopa/owner.env")
fi
known=$(grep -oE '^#?[A-Z_]+=' /etc/kopa/kopa.env | tr -d '#')
while IFS= read -r name; do
  grep -qxF "$name" <<<"$known" || echo "A setting that /etc/kopa/kopa.env does not speak of yet: ${name%=} (see $here/kopa.env.example)"
done < <(grep -oE '^#?[A-Z_]+=' "$here/kopa.env.example" | tr -d '#')
origin=$(sed -n 's/^PUBLIC_ORIGIN=//p' /etc/kopa/kopa.env)
name=${origin#https://}
[ -z "$host" ] || [ "$host" = "$name" ] || stop "/etc/kopa/kopa.env says $origin. To change the portal's name, change PUBLIC_ORIGIN and ALLOWED_HOSTS there and run this again without --host."

# -- The database ------------------------------------------------------------------------------------------------------
if [ $local_database = 1 ]; then
  systemctl is-active --quiet postgresql || systemctl start postgresql
  for _ in $(seq 30); do (cd / && runuser -u postgres -- pg_isready --quiet) && break; sleep 1; done
  (cd / && runuser -u postgres -- psql --quiet --no-psqlrc --file - <"$here/roles.sql") >/dev/null
fi

# -- The code ----------------------------------------------------------------------------------------------------------
if [ ! -f "$release/.complete" ]; then
  say "The code, version $version, with its packages"
  rm -rf "$release"
  install -d "$release"
  git archive HEAD | tar -x -C "$release"
  python3 -m venv "$release/.venv"
  # Only what is built already and has the hash of the lock: no program of a package runs here as root.
  "$release/.venv/bin/python" "$release/deploy/server_packages.py" >"$release/.packages"
  "$release/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --no-deps --requirement "$release/.packages"
  # From here on the release's own Python runs its packages: never as root. Debian's has none of them.
  python3 -I -m compileall -q "$release" -x '/\.venv/' >/dev/null
  find "$release/locale" -name LC_MESSAGES -exec chown kopa_owner {} +
  (cd / && runuser -u kopa_owner -- "$release/.venv/bin/python" "$release/locale/compile.py")
  chown -R root:root "$release/locale"
  touch "$release/.complete"
  changed+=("$release")
fi
if put /usr/local/sbin/kopa-manage 0755 <"$release/deploy/kopa-manage"; then :; fi

# -- systemd -----------------------------------------------------------------------------------------------------------
units=0
while IFS= read -r unit; do
  if put "/etc/systemd/system/$unit" 0644 <"$release/deploy/systemd/$unit"; then units=1; fi
done < <(cd "$release/deploy/systemd" && find . -type f -printf '%P\n' | sort)
# Units of an earlier version.
for unit in kopa-due.timer; do
  if [ -e "/etc/systemd/system/$unit" ]; then systemctl disable --quiet --now "$unit"; rm "/etc/systemd/system/$unit"; units=1; fi
done
[ $units = 0 ] || systemctl daemon-reload

# -- The release: backup, database, words, style sheets; all while the version before goes on serving ------------------
manage() { KOPA_RELEASE=$release kopa-manage "$@"; }
if [ "$running" != "$release" ]; then
  if [ -n "$running" ]; then
    if grep -q '^BACKUP_RECIPIENTS=.' /etc/kopa/kopa.env; then
      say "Backup, before anything is changed"
      systemctl start kopa-backup.service
    else
      stop "There is no BACKUP_RECIPIENTS in /etc/kopa/kopa.env, so no backup can be made before the upgrade: see docs/deployment.md, Backup."
    fi
  fi
  say "Database"
  manage migrate --no-input --verbosity 0
  manage createcachetable
  manage grant_web_role kopa_web
  say "Words, style sheets, the network"
  manage build_word_forms --verbosity 0
  manage collectstatic --no-input --verbosity 0
  manage write_unavailable_pages /var/lib/kopa/unavailable
  manage load_network
  manage load_partnerships
  say "From here on the new version answers"
  ln -sfn "$release" /opt/kopa/current.new
  mv -T /opt/kopa/current.new /opt/kopa/current
  changed+=("/opt/kopa/current")
  systemctl enable --quiet kopa.target kopa-web.socket kopa-web.service kopa-work.service kopa-due.service kopa-verify.timer kopa-backup.timer
  # Who comes in these seconds waits at the socket.
  systemctl try-restart kopa-web.service kopa-work.service kopa-due.service
  systemctl start kopa.target
  # This version and the one before stay, to go back to.
  while IFS= read -r old; do
    [ "$old" = "$release" ] || [ "$old" = "$running" ] || rm -rf "$old"
  done < <(find /opt/kopa/releases -mindepth 1 -maxdepth 1 -type d)
elif [ $units = 1 ]; then
  systemctl restart kopa-web.service kopa-work.service kopa-due.service
fi

# -- The proxy ---------------------------------------------------------------------------------------------------------
if [ ! -e /etc/kopa/tls/fullchain.pem ]; then
  say "A certificate that no browser trusts, for the trial; docs/deployment.md tells how a real one comes in its place"
  (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
    -keyout /etc/kopa/tls/privkey.pem -out /etc/kopa/tls/fullchain.pem 2>/dev/null)
  changed+=("/etc/kopa/tls")
fi
proxy=0
if put /etc/nginx/kopa/proxy.conf 0644 <"$release/deploy/nginx/kopa-proxy.conf"; then proxy=1; fi
if put /etc/nginx/kopa/headers.conf 0644 <"$release/deploy/nginx/kopa-headers.conf"; then proxy=1; fi
if put /etc/nginx/sites-available/kopa.conf 0644 < <(sed "s/@HOST@/$name/g" "$release/deploy/nginx/kopa.conf"); then proxy=1; fi
if [ ! -e /etc/nginx/sites-enabled/kopa.conf ]; then ln -s ../sites-available/kopa.conf /etc/nginx/sites-enabled/kopa.conf; proxy=1; fi
# Debian's page of greeting claims every name for itself.
if [ "$(readlink /etc/nginx/sites-enabled/default)" = /etc/nginx/sites-available/default ]; then rm /etc/nginx/sites-enabled/default; proxy=1; fi
if [ $proxy = 1 ]; then
  nginx -t -q
  systemctl enable --quiet nginx
  systemctl reload-or-restart nginx
fi

# -- Does it answer? ---------------------------------------------------------------------------------------------------
for attempt in $(seq 30); do
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' --insecure --resolve "$name:443:127.0.0.1" "https://$name/" || true)
  [ "$status" = 200 ] && break
  [ "$attempt" = 30 ] && stop "https://$name/ answers $status. See: journalctl -u kopa-web -n 50"
  sleep 1
done

if [ ${#changed[@]} = 0 ]; then echo "Nothing was changed: version $version answers at https://$name/"; else
  printf 'Changed: %s\n' "${changed[@]}"
  echo "Version $version answers at https://$name/"
fi
