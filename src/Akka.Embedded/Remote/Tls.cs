using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>Puts TLS on connections: this system's certificate, and whose it believes. May be used from any thread.</summary>
/// <remarks>
/// Self-signed certificates in the file are the authorities that are believed, and no others; a file without any leaves it
/// to the machine's store. Revocation lists are not asked for: a node must be able to connect while the network is down.
/// </remarks>
internal sealed class Tls
{
    private readonly SslSettings _settings;
    private readonly X509Certificate2 _own;
    private readonly SslStreamCertificateContext _shown;
    private readonly X509Certificate2Collection _authorities;
    private readonly X509Certificate2Collection _others;

    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public Tls(SslSettings settings)
    {
        _settings = settings;
        var all = Load(settings);
        _own =
            all.FirstOrDefault(static each => each.HasPrivateKey)
            ?? throw Unusable(settings, "it holds no certificate with its private key", null);
        _authorities = [.. all.Where(static each => each.SubjectName.RawData.SequenceEqual(each.IssuerName.RawData))];
        _others = [.. all.Where(each => each != _own)];
        _shown = SslStreamCertificateContext.Create(_own, _others, offline: true);
    }

    /// <exception cref="AuthenticationException">One side does not believe the other, or there is no TLS there.</exception>
    public Task<Stream> ConnectAsync(Stream stream, string host, CancellationToken cancellation)
    {
        var verdict = new Verdict(this, host);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateChainPolicy = ChainPolicy(),
            RemoteCertificateValidationCallback = verdict.Check,
            ClientCertificateContext = _settings.RequireMutualAuthentication ? _shown : null,
        };
        return SecureAsync(stream, verdict, secured => secured.AuthenticateAsClientAsync(options, cancellation));
    }

    /// <exception cref="AuthenticationException">One side does not believe the other, or there is no TLS there.</exception>
    public Task<Stream> AcceptAsync(Stream stream, CancellationToken cancellation)
    {
        var verdict = new Verdict(this, null);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _shown,
            CertificateChainPolicy = ChainPolicy(),
            RemoteCertificateValidationCallback = verdict.Check,
            ClientCertificateRequired = _settings.RequireMutualAuthentication,
        };
        return SecureAsync(stream, verdict, secured => secured.AuthenticateAsServerAsync(options, cancellation));
    }

    private static async Task<Stream> SecureAsync(Stream stream, Verdict verdict, Func<SslStream, Task> authenticate)
    {
        var secured = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await authenticate(secured).ConfigureAwait(false);
            return secured;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw new AuthenticationException(
                verdict.Refusal ?? $"TLS failed: {e.InnerException?.Message ?? e.Message}",
                e
            );
        }
        catch
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        policy.ExtraStore.AddRange(_others);
        if (_authorities.Count == 0)
            return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    private static X509Certificate2Collection Load(SslSettings settings)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12CollectionFromFile(
                settings.CertificatePath,
                settings.CertificatePassword
            );
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(settings, e.Message, e);
        }
    }

    private static ConfigurationException Unusable(SslSettings settings, string why, Exception? cause) =>
        new($"akka.remote.dot-netty.tcp.ssl.certificate.path: cannot use {settings.CertificatePath}: {why}", cause);

    /// <summary>What one connection's other side showed, and what was held against it.</summary>
    private sealed class Verdict(Tls tls, string? host)
    {
        public string? Refusal { get; private set; }

        public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (tls._settings.SuppressValidation)
                return true;
            // A node's certificate names the host that it listens on, not the one that it connects from.
            if (host is null || !tls._settings.ValidateHostname)
                errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
            if (host is null && !tls._settings.RequireMutualAuthentication)
                errors &= ~SslPolicyErrors.RemoteCertificateNotAvailable;
            if (errors == SslPolicyErrors.None)
                return true;
            Refusal = Describe(certificate, chain, errors);
            return false;
        }

        private string Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (certificate is null)
                return "no certificate is shown";
            List<string> reasons = [];
            if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
                reasons.Add($"it does not name {host}");
            if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0 && chain is not null)
                reasons.AddRange(chain.ChainStatus.Select(static status => status.StatusInformation.Trim()));
            return $"the certificate of {certificate.Subject} is not accepted: {string.Join(", ", reasons.Distinct())}";
        }
    }
}
