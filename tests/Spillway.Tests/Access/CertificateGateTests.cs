using Spillway.Access;
using Spillway.TestKit;

namespace Spillway.Tests.Access;

/// <summary>What a gate makes of client certificates.</summary>
public sealed class CertificateGateTests : IDisposable
{
    private const string Name = "CN=press 7,O=Example";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task ServeAsync_KnownByItsHash_HasItsGrantsUntilItEnds()
    {
        var end = new ManualTimeProvider().GetUtcNow().AddMinutes(5);
        var certificate = _certificates.Client("CN=a", to: end);
        await using var rig = Rig(access => Add(access, sha256: TestCertificates.HashOf(certificate)));
        rig.Context.Connection.ClientCertificate = certificate;

        await rig.ServeAsync();

        Assert.Equal(("press", end, CredentialKind.Certificate), (rig.Served!.Subject, rig.Served.Expires, rig.Served.Kind));
        Assert.Equal((true, false, TestCertificates.HashOf(certificate).ToLowerInvariant()), (rig.Served.Publish.Allows("jobs/1"u8), rig.Served.Subscribe.Allows("jobs/1"u8), rig.Served.TokenId));
        Assert.True(rig.IsHandedOn && rig.Gate.StillStands(rig.Served));
        rig.Reload(access => Add(access, subject: "CN=a"));
        Assert.False(rig.Gate.StillStands(rig.Served));
        rig.Ask();
        rig.Clock.Advance(TimeSpan.FromMinutes(5));
        rig.Context.Connection.ClientCertificate = certificate;
        await rig.ServeAsync();
        rig.AssertRefused(401, "invalid-token", "expired", "invalid_token");
    }

    [Fact]
    public async Task ServeAsync_KnownByItsName_HasItsGrants()
    {
        await using var rig = Rig(static access => Add(access, subject: Name));
        rig.Context.Connection.ClientCertificate = _certificates.Client("O=Example, CN=press 7");

        await rig.ServeAsync();

        Assert.Equal("press", rig.Served?.Subject);
    }

    [Theory]
    [InlineData("O=Example, CN=press 8", false)]
    [InlineData("CN=press 7, O=Example", false)] // The other way round it is another name.
    [InlineData("O=Example, CN=press 7", true)] // Nobody but itself vouches for it.
    public async Task ServeAsync_UnknownCertificate_Is401AlsoWhereAnybodyHasGrants(string subject, bool selfMade)
    {
        await using var rig = Rig(static access =>
        {
            Add(access, subject: Name);
            access.Anonymous.Subscribe.Add("**");
        });
        rig.Context.Connection.ClientCertificate = selfMade ? _certificates.SelfMade(subject) : _certificates.Client(subject);

        await rig.ServeAsync();

        rig.AssertRefused(401, "invalid-token", "unknown-certificate", "invalid_token");
    }

    [Fact]
    public async Task ServeAsync_NoCertificateIsKnown_NoneIsLookedAt()
    {
        await using var rig = Rig(static access => access.Anonymous.Subscribe.Add("**"));
        rig.Context.Connection.ClientCertificate = _certificates.Client("CN=a");

        await rig.ServeAsync();

        Assert.Equal(CredentialKind.Nothing, rig.Served?.Kind);
    }

    [Fact]
    public async Task ServeAsync_NotValidYet_Is401()
    {
        await using var rig = Rig(static access => Add(access, subject: Name));
        rig.Context.Connection.ClientCertificate = _certificates.Client("O=Example, CN=press 7", from: rig.Clock.GetUtcNow().AddSeconds(1));

        await rig.ServeAsync();

        rig.AssertRefused(401, "invalid-token", "not-yet-valid", "invalid_token");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServeAsync_HeaderOrCookieToo_WinsOverTheCertificate(bool isGood)
    {
        await using var rig = Rig(static access => Add(access, subject: Name));
        rig.Context.Connection.ClientCertificate = _certificates.Client("O=Example, CN=press 7");
        rig.Headers.Cookie = $"spillway-token={(isGood ? GateRig.Token("\"sub\":\"ann\"") : "nonsense")}";

        await rig.ServeAsync();

        Assert.Equal((isGood ? "ann" : null, isGood ? 200 : 401), (rig.Served?.Subject, rig.Status));
    }

    [Fact]
    public async Task ServeAsync_PageOfAnotherOrigin_MayNotUseTheCertificate()
    {
        await using var rig = Rig(static access => Add(access, subject: Name));
        rig.Context.Connection.ClientCertificate = _certificates.Client("O=Example, CN=press 7");
        rig.Headers.Origin = "https://evil.example";

        await rig.ServeAsync();

        Assert.Equal((403, 1), (rig.Status, rig.Metrics.Sum("spillway.access.refused_requests", "foreign-origin")));
    }

    private static GateRig Rig(Action<AccessOptions> change) => new(change);

    private static void Add(AccessOptions access, string? sha256 = null, string? subject = null) =>
        access.ClientCertificates.Add(new ClientCertificateOptions { Id = "press", Sha256 = sha256, Subject = subject, Publish = { "jobs/*" } });
}
