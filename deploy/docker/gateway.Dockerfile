# One Jasmin, unmodified, through the launcher.
FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10002 --user-group --no-create-home jasmin \
    && install -d -m 0700 -o jasmin -g jasmin /var/lib/jasmin
COPY reconciler/launcher/requirements.txt /opt/
RUN pip install --no-cache-dir -r /opt/requirements.txt
COPY reconciler/launcher /opt/orbit/reconciler/launcher
COPY reconciler/__init__.py reconciler/gateway_api.py /opt/orbit/reconciler/
# The SMPP code that site and gateway share, without messaging/__init__.py.
COPY messaging/smpp/__init__.py /opt/orbit/messaging/smpp/
COPY messaging/smpp/protocol /opt/orbit/messaging/smpp/protocol
COPY deploy/docker/gateway.sh /opt/gateway.sh
ENV ROOT_PATH=/var/lib/jasmin CONFIG_PATH=/var/lib/jasmin STORE_PATH=/var/lib/jasmin/store LOG_PATH=/var/lib/jasmin/logs \
    PYTHONUNBUFFERED=1
USER 10002
EXPOSE 1401 2775 8990
ENTRYPOINT ["/opt/gateway.sh"]
