using System.Security.Authentication;
using Spillway.Cli;
using Spillway.Cli.Serve.Tls;
using Spillway.TestKit;

namespace Spillway.Tests.Cli;

public sealed class TlsIdentityReaderTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly TestCertificate _own = TestCertificate.OfServer("hub", Now, TimeSpan.FromDays(30));

    public void Dispose()
    {
        _own.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Open_CertificateAndKeyInPem_AreOneIdentity()
    {
        var options = new TlsOptions { Certificate = Write("c.pem", _own.Pem), Key = Write("k.pem", _own.KeyPem) };

        var identity = TlsIdentityReader.Open(options, Now).Identity;

        Assert.Equal((_own.Thumbprint, true), (identity.Certificate.GetCertHashString(), identity.Certificate.HasPrivateKey));
        Assert.Equal(Now.AddDays(30), identity.Expires);
        Assert.Equal((SslProtocols.Tls12 | SslProtocols.Tls13, false), (identity.Options.EnabledSslProtocols, identity.Options.AllowRenegotiation));
    }

    [Fact]
    public void Open_OneFileWithThoseAboveAndTheKey_SendsTheFirstWithTheOthers()
    {
        using var authority = TestCertificate.OfAuthority("authority", Now);
        using var server = authority.Vouch("hub", isClient: false);
        var options = new TlsOptions { Certificate = Write("all.pem", $"{server.KeyPem}\n{server.Pem}\n{authority.Pem}\n") };

        var identity = TlsIdentityReader.Open(options, Now).Identity;

        Assert.Equal(server.Thumbprint, identity.Certificate.GetCertHashString());
        Assert.Equal(server.Thumbprint, identity.Options.ServerCertificateContext!.TargetCertificate.GetCertHashString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_EncryptedKey_IsOpenedWithThePassword(bool inFile)
    {
        var options = new TlsOptions { Certificate = Write("c.pem", _own.Pem), Key = Write("k.pem", _own.EncryptedKeyPem("a secret")) };
        options.Password = inFile ? null : "a secret";
        options.PasswordFile = inFile ? Write("password", "a secret\r\n") : null;

        Assert.True(TlsIdentityReader.Open(options, Now).Identity.Certificate.HasPrivateKey);
    }

    [Fact]
    public void Open_Pkcs12_HoldsCertificateAndKey()
    {
        var options = new TlsOptions { Certificate = Write("c.pfx", ""), Password = "a secret" };
        File.WriteAllBytes(options.Certificate!, _own.Pkcs12("a secret"));

        Assert.Equal(_own.Thumbprint, TlsIdentityReader.Open(options, Now).Identity.Certificate.GetCertHashString());
    }

    [Theory]
    [InlineData("no certificate's file", "Spillway:Tls:Certificate is \"PATH/none.pem\", which cannot be read")]
    [InlineData("a directory", "Spillway:Tls:Certificate is \"PATH\", which cannot be read")]
    [InlineData("no key's file", "Spillway:Tls:Key is \"PATH/none.pem\", which cannot be read")]
    [InlineData("a key for a certificate", "Spillway:Tls:Certificate is \"PATH/c.pem\", which holds no certificate")]
    [InlineData("nothing", "Spillway:Tls:Certificate is \"PATH/c.pem\", which is not PEM, and")]
    [InlineData("a certificate for a key", "Spillway:Tls:Key is \"PATH/k.pem\", which holds no private key")]
    [InlineData("no password", "Spillway:Tls:Key is \"PATH/k.pem\", which is encrypted; set Spillway:Tls:PasswordFile")]
    [InlineData("another password", "Spillway:Tls:Certificate is \"PATH/c.pem\", which cannot be used with Spillway:Tls:Key \"PATH/k.pem\"")]
    [InlineData("half a certificate", "Spillway:Tls:Certificate is \"PATH/c.pem\", which cannot be used with")]
    [InlineData("no authorities", "Spillway:Tls:ClientAuthorities is \"PATH/a.pem\", which holds no certificate")]
    [InlineData("too large", "Spillway:Tls:Certificate is \"PATH/c.pem\", which cannot be read: It has 1048577 bytes")]
    public void Open_FilesThatCannotBeUsed_AreToldWithoutWhatTheyHold(string how, string expected)
    {
        var options = new TlsOptions { Certificate = Write("c.pem", _own.Pem), Key = Write("k.pem", _own.KeyPem) };
        Spoil(how, options);

        var fault = Assert.Single(Assert.Throws<UsageException>(() => TlsIdentityReader.Open(options, Now)).Faults);

        Assert.StartsWith(expected.Replace("PATH", _directory.FullName, StringComparison.Ordinal), fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(_own.KeyPem.Split('\n')[1], fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_KeyOfAnotherCertificate_IsRefused()
    {
        using var other = TestCertificate.OfServer("other", Now, TimeSpan.FromDays(1));
        var options = new TlsOptions { Certificate = Write("c.pem", _own.Pem), Key = Write("k.pem", other.KeyPem) };

        var fault = Assert.Throws<UsageException>(() => TlsIdentityReader.Open(options, Now)).Faults[0];

        Assert.Contains("which cannot be used with Spillway:Tls:Key", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, "which expired at 2026-03-02T08:00:00Z; put a new one there")]
    [InlineData(-2, "which is not good before 2026-01-30T08:00:00Z")]
    public void Open_OutsideOfItsDates_IsRefused(int days, string expected)
    {
        var options = new TlsOptions { Certificate = Write("c.pem", _own.Pem), Key = Write("k.pem", _own.KeyPem) };

        Assert.Contains(expected, Assert.Throws<UsageException>(() => TlsIdentityReader.Open(options, Now.AddDays(days))).Faults[0], StringComparison.Ordinal);
        TlsIdentityReader.Open(options, Now.AddDays(days).AddSeconds(days > 0 ? -1 : 0).AddDays(days > 0 ? 0 : 1));
    }

    private void Spoil(string how, TlsOptions options) => _ = how switch
    {
        "no certificate's file" => options.Certificate = PathOf("none.pem"),
        "a directory" => options.Certificate = _directory.FullName,
        "no key's file" => options.Key = PathOf("none.pem"),
        "a key for a certificate" => Write("c.pem", _own.KeyPem),
        "nothing" => Write("c.pem", ""),
        "a certificate for a key" => Write("k.pem", _own.Pem),
        "no password" => Write("k.pem", _own.EncryptedKeyPem("secret")),
        "another password" => (options.Password = "secret!") + Write("k.pem", _own.EncryptedKeyPem("secret")),
        "half a certificate" => Write("c.pem", string.Join('\n', [.. _own.Pem.Split('\n')[..2], "-----END CERTIFICATE-----"])),
        "no authorities" => options.ClientAuthorities = Write("a.pem", _own.KeyPem),
        _ => Write("c.pem", new string('x', (1024 * 1024) + 1)),
    };

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}
