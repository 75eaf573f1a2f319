using Akka.Configuration;

namespace Akka.Remote;

/// <summary>The settings of TLS as read from <c>akka.remote.dot-netty.tcp.ssl</c>.</summary>
internal sealed record SslSettings
{
    public SslSettings(Config ssl)
    {
        CertificatePath = ssl.GetString("certificate.path", "");
        CertificatePassword = ssl.GetString("certificate.password", "");
        RequireMutualAuthentication = ssl.GetBoolean("require-mutual-authentication", true);
        ValidateHostname = ssl.GetBoolean("validate-certificate-hostname");
        SuppressValidation = ssl.GetBoolean("suppress-validation");
        if (CertificatePath.Length == 0)
        {
            throw new ConfigurationException(
                "akka.remote.dot-netty.tcp.ssl.certificate.path is needed with enable-ssl"
            );
        }
    }

    /// <summary>A PKCS #12 file.</summary>
    public string CertificatePath { get; }

    public string CertificatePassword { get; }

    /// <summary>Whether who connects must show a certificate too.</summary>
    public bool RequireMutualAuthentication { get; }

    /// <summary>Whether the certificate of who is connected to must name the host.</summary>
    public bool ValidateHostname { get; }

    public bool SuppressValidation { get; }
}
