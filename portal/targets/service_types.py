"""Kinds of service that a target may offer, each with its usual port."""

from enum import StrEnum


class ServiceType(StrEnum):
    """A protocol. `custom` is what has no name here."""

    SSH = "ssh"
    WINRM = "winrm"
    WINRM_HTTPS = "winrm_https"
    RDP = "rdp"
    VNC = "vnc"
    TELNET = "telnet"
    HTTP = "http"
    HTTPS = "https"
    HTTP_ALT = "http_alt"
    HTTPS_ALT = "https_alt"
    FTP = "ftp"
    SFTP = "sftp"
    SMB = "smb"
    NFS = "nfs"
    RSYNC = "rsync"
    MYSQL = "mysql"
    POSTGRESQL = "postgresql"
    SQL_SERVER = "sql_server"
    ORACLE = "oracle"
    MONGODB = "mongodb"
    REDIS = "redis"
    ELASTICSEARCH = "elasticsearch"
    CASSANDRA = "cassandra"
    SNMP = "snmp"
    WMI = "wmi"
    NETBIOS = "netbios"
    DNS = "dns"
    DHCP = "dhcp"
    NTP = "ntp"
    LDAP = "ldap"
    LDAPS = "ldaps"
    KERBEROS = "kerberos"
    RADIUS = "radius"
    SMTP = "smtp"
    SUBMISSION = "submission"
    SMTPS = "smtps"
    POP3 = "pop3"
    IMAP = "imap"
    IMAPS = "imaps"
    DOCKER = "docker"
    KUBERNETES = "kubernetes"
    JENKINS = "jenkins"
    PROMETHEUS = "prometheus"
    GRAFANA = "grafana"
    CUSTOM = "custom"


_T = ServiceType
DEFAULT_PORTS: dict[ServiceType, int] = {
    _T.SSH: 22, _T.WINRM: 5985, _T.WINRM_HTTPS: 5986, _T.RDP: 3389, _T.VNC: 5900, _T.TELNET: 23, _T.HTTP: 80,
    _T.HTTPS: 443, _T.HTTP_ALT: 8080, _T.HTTPS_ALT: 8443, _T.FTP: 21, _T.SFTP: 22, _T.SMB: 445, _T.NFS: 2049,
    _T.RSYNC: 873, _T.MYSQL: 3306, _T.POSTGRESQL: 5432, _T.SQL_SERVER: 1433, _T.ORACLE: 1521, _T.MONGODB: 27017,
    _T.REDIS: 6379, _T.ELASTICSEARCH: 9200, _T.CASSANDRA: 9042, _T.SNMP: 161, _T.WMI: 135, _T.NETBIOS: 139,
    _T.DNS: 53, _T.DHCP: 67, _T.NTP: 123, _T.LDAP: 389, _T.LDAPS: 636, _T.KERBEROS: 88, _T.RADIUS: 1812,
    _T.SMTP: 25, _T.SUBMISSION: 587, _T.SMTPS: 465, _T.POP3: 110, _T.IMAP: 143, _T.IMAPS: 993, _T.DOCKER: 2376,
    _T.KUBERNETES: 6443, _T.JENKINS: 8080, _T.PROMETHEUS: 9090, _T.GRAFANA: 3000,
}  # fmt: skip
"""Ports that people expect; `custom` has none."""

ENCRYPTED = frozenset({
    _T.SSH, _T.SFTP, _T.WINRM_HTTPS, _T.HTTPS, _T.HTTPS_ALT, _T.LDAPS, _T.SMTPS, _T.IMAPS, _T.DOCKER, _T.KUBERNETES,
})  # fmt: skip
"""What is encrypted unless said otherwise."""
