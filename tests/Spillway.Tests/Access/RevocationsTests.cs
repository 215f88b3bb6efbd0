using Spillway.Access;
using Spillway.TestKit;

namespace Spillway.Tests.Access;

public sealed class RevocationsTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");
    private int _syncs;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true, "ann", true)]
    [InlineData(false, "7f3a", true)]
    [InlineData(true, "7f3a", false)]
    [InlineData(false, "ann", false)]
    [InlineData(true, "Ann", false)]
    public void Has_OneIsTakenBack_KnowsTheCredentialsThatThisMeans(bool bySubject, string name, bool isMeant)
    {
        var (revocations, kind) = (New(), bySubject ? RevocationKind.Subject : RevocationKind.Token);
        var ticket = new AccessTicket { Subject = "ann", TokenId = "7f3a", Revocations = revocations };
        Assert.False(ticket.IsRevoked);

        Assert.True(revocations.TryAdd(new Revocation(kind, name, _clock.GetUtcNow(), null)));

        Assert.Equal(isMeant, ticket.IsRevoked);
        Assert.False(new AccessTicket { Revocations = revocations }.IsRevoked); // Nobody in particular.
        Assert.True(revocations.TryRemove(kind, name));
        Assert.False(revocations.TryRemove(kind, name));
        Assert.False(ticket.IsRevoked);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(null, true)]
    public void Has_SubjectIsTakenBack_CredentialsMadeLaterAreGood(int? secondsLater, bool isRevoked)
    {
        var revocations = New();
        var now = _clock.GetUtcNow();
        revocations.TryAdd(new Revocation(RevocationKind.Subject, "ann", now, null));

        var ticket = new AccessTicket { Subject = "ann", Issued = secondsLater is { } later ? now.AddSeconds(later) : null, Revocations = revocations };
        Assert.Equal(isRevoked, ticket.IsRevoked);
    }

    [Fact]
    public void TryAdd_AsManyAsThereMayBe_RefusesMoreUntilSomeAreOver()
    {
        var revocations = New(most: 2);
        var now = _clock.GetUtcNow();
        Assert.True(revocations.TryAdd(new Revocation(RevocationKind.Token, "1", now, now.AddHours(1))));
        Assert.True(revocations.TryAdd(new Revocation(RevocationKind.Token, "2", now, null)));
        Assert.True(revocations.TryAdd(new Revocation(RevocationKind.Token, "2", now, null))); // The same again.
        Assert.False(revocations.TryAdd(new Revocation(RevocationKind.Token, "3", now, null)));
        Assert.Equal(2, revocations.Count);

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(new AccessTicket { TokenId = "1", Revocations = revocations }.IsRevoked);
        Assert.True(revocations.TryAdd(new Revocation(RevocationKind.Token, "3", now, null)));
        Assert.Equal(["2", "3"], revocations.All.Select(static one => one.Name));
    }

    [Fact]
    public void File_HubStartsAgain_IsKnownStill()
    {
        var now = _clock.GetUtcNow();
        Revocation[] all = [new(RevocationKind.Subject, "\u00e4nn \"\\\n", now.AddTicks(1), null), new(RevocationKind.Token, "7f3a", now, now.AddDays(1))];
        var before = New(inFile: true);
        Assert.All(all, one => Assert.True(before.TryAdd(one)));

        Assert.Equal(all, New(inFile: true).All);
        Assert.Equal(2, _syncs);
        Assert.Equal([RevocationFile.Name], _directory.GetFiles().Select(static file => file.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"revocations":[{"kind":"subject"}]}""")]
    [InlineData("""{"revocations":[{"kind":"other","name":"x","at":"2026-01-31T08:00:00Z"}]}""")]
    [InlineData("""{"revocations":[{"kind":"subject","name":"x","at":"yesterday"}]}""")]
    [InlineData("""{"revocations":[{"kind":"subject","name":"x","at":"2026-01-31T08:00:00Z"}""")]
    public void File_CannotBeRead_StopsTheStartAndSaysWhichFile(string text)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, RevocationFile.Name), text);

        var fault = Assert.Throws<InvalidOperationException>(() => New(inFile: true));
        Assert.Contains(Path.Combine(_directory.FullName, RevocationFile.Name), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryAdd_FileCannotBeWritten_CountsAllTheSameAndIsTold()
    {
        var revocations = New(inFile: true);
        Directory.CreateDirectory(Path.Combine(_directory.FullName, RevocationFile.Name + ".next")); // In the new file's place.

        Assert.Throws<IOException>(() => revocations.TryAdd(new Revocation(RevocationKind.Token, "1", _clock.GetUtcNow(), null)));
        Assert.True(new AccessTicket { TokenId = "1", Revocations = revocations }.IsRevoked);
    }

    private Revocations New(int most = 100, bool inFile = false) => new(most, inFile ? new RevocationFile(_directory.FullName, _ => _syncs++) : null, _clock);
}
