using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>An authority of one test, and the files of those whom it certifies.</summary>
internal sealed class Certificates
{
    public const string Password = "sesame";

    private readonly string _directory = Directory.CreateTempSubdirectory("certificates-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public Certificates(string name = "CN=the authority")
    {
        var request = new CertificateRequest(name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2));
    }

    /// <summary>A PKCS #12 file with a certificate for that host, and with the authorities that its owner believes.</summary>
    public string FileFor(string host = "127.0.0.1", int validUntilDays = 30, Certificates? believes = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        // For servers and for clients.
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false)
        );
        using var certificate = request.Create(
            _authority,
            DateTimeOffset.UtcNow.AddYears(-1),
            DateTimeOffset.UtcNow.AddDays(validUntilDays),
            RandomNumberGenerator.GetBytes(8)
        );
        using var own = certificate.CopyWithPrivateKey(key);
        using var root = X509CertificateLoader.LoadCertificate((believes ?? this)._authority.RawData);
        var path = Path.Combine(_directory, $"{Guid.NewGuid():N}.pfx");
        File.WriteAllBytes(
            path,
            new X509Certificate2Collection { own, root }.Export(X509ContentType.Pkcs12, Password)!
        );
        return path;
    }

    public void Delete()
    {
        _authority.Dispose();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
