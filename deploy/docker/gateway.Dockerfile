# One Jasmin, unmodified, through the launcher.
FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10002 --user-group --no-create-home jasmin \
    && install -d -m 0700 -o jasmin -g jasmin /var/lib/jasmin
COPY reconciler/launcher/requirements.txt /opt/launcher/
RUN pip install --no-cache-dir -r /opt/launcher/requirements.txt
COPY reconciler/launcher /opt/launcher
COPY deploy/docker/gateway.sh /opt/gateway.sh
ENV ROOT_PATH=/var/lib/jasmin CONFIG_PATH=/var/lib/jasmin STORE_PATH=/var/lib/jasmin/store LOG_PATH=/var/lib/jasmin/logs \
    AMQP_BROKER_SPEC=/usr/local/lib/python3.11/site-packages/txamqp/specs/standard/amqp0-9-1.stripped.xml \
    PYTHONUNBUFFERED=1
USER 10002
EXPOSE 1401 2775 8990
ENTRYPOINT ["/opt/gateway.sh"]
