# syntax=docker/dockerfile:1
# docker build -t policy-kb .
# docker run -p 8000:8000 -v "$PWD/corpus:/srv/kb/corpus" -v policy-kb-index:/srv/kb/indexes --read-only --tmpfs /tmp policy-kb
#
# Once built it needs no network. OCR=no leaves out the recognition of scanned pages (300 MB), OFFICE=no the reading of doc, wps, rtf
# and odt (500 MB).
ARG PYTHON=3.12

FROM python:${PYTHON}-slim-bookworm AS build
ARG OCR=yes
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/kb
# What seldom changes first: the libraries stay in their layer when only the program changes. The CPU build of torch is enough;
# TORCH_INDEX is the address of a package index that has it (several gigabytes less than what comes otherwise).
ARG TORCH_INDEX=
COPY constraints.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    PIP_EXTRA_INDEX_URL=$TORCH_INDEX \
    /opt/kb/bin/pip install --constraint constraints.txt "torch==$(sed -n 's/^torch==//p' constraints.txt)"
COPY pyproject.toml README.md LICENSE ./
COPY kb kb
COPY api api
RUN --mount=type=cache,target=/root/.cache/pip \
    extra=; [ "$OCR" = no ] || extra='[ocr]'; \
    /opt/kb/bin/pip install --constraint constraints.txt ".$extra"

FROM python:${PYTHON}-slim-bookworm
ARG OFFICE=yes
# Debian keeps one version of a package; the names are words to be split.
# hadolint ignore=DL3008,SC2086
RUN set -eu; \
    packages='libgomp1'; \
    [ "$OFFICE" = no ] || packages="$packages libreoffice-writer-nogui libreoffice-calc-nogui fonts-noto-cjk"; \
    apt-get update; \
    apt-get install --yes --no-install-recommends $packages; \
    rm -rf /var/lib/apt/lists/*; \
    useradd --system --uid 10001 --home-dir /srv/kb --create-home kb; \
    install -d -o kb -g kb /srv/kb/corpus /srv/kb/indexes
COPY --from=build /opt/kb /opt/kb
USER 10001
WORKDIR /srv/kb
ENV PATH=/opt/kb/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp \
    HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 KB_HOST=0.0.0.0 KB_PORT=8000 KB_WATCH=1 KB_CORPUS=/srv/kb/corpus KB_INDEX=/srv/kb/indexes
VOLUME ["/srv/kb/corpus", "/srv/kb/indexes"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['KB_PORT']}/api/v1/health\", timeout=4)"]
# --fast: the server fills in the contextual vectors while it answers. 3: the index is built, and files that cannot be read were left out
CMD ["sh", "-c", "kb build --fast || [ $? -eq 3 ] || exit 1; exec kb serve"]
