using System.Text;
using Spillway.Access;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Ingress;

namespace Spillway.Tests.Ingress;

/// <summary>Whose ids are whose. They are compared as they stand in records, so what is read from history after a restart is told apart as well.</summary>
public sealed class PublisherTests
{
    private static readonly AccessTicket[] Different =
    [
        AccessTicket.Everything, Ticket(null, null), Ticket(null, "a"), Ticket("a", null), Ticket("a", "b"), Ticket("a", "b\n"), Ticket("a\nb", null), Ticket("a\n", "b"), Ticket("k", "a"),
        new() { Publish = GrantSet.Everything, ApiKey = "a", Subject = "a" }, new() { Publish = GrantSet.Everything, ApiKey = "b", Subject = "b" }, Ticket(null, "k\na"),
        Ticket(null, "a") with { Kind = CredentialKind.Certificate }, Ticket(null, "a") with { Kind = CredentialKind.Opaque }, Ticket(null, "a") with { Kind = CredentialKind.Host },
        Ticket(null, "a") with { Kind = CredentialKind.Foreign }, Ticket("a", "b") with { Kind = CredentialKind.Foreign }, Ticket(null, null) with { Kind = CredentialKind.Foreign },
    ];

    [Fact]
    public void Scope_DifferentPublishers_HaveDifferentIds()
    {
        var keys = Different.Select(static ticket => KeyOf(ticket, "x")).ToArray();

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Scope_TheSameSubjectByAnotherToken_HasTheSameIds()
    {
        Assert.Equal(KeyOf(new AccessTicket { Issuer = "i", Subject = "ann", TokenId = "1", Publish = GrantSet.Everything }, "x"), KeyOf(new AccessTicket { Issuer = "i", Subject = "ann", TokenId = "2", Publish = GrantSet.Everything }, "x"));
        Assert.NotEqual(KeyOf(Ticket("i", "ann"), "x"), KeyOf(Ticket("i", "ann"), "y"));
    }

    /// <summary>Whom nothing names is told apart by what they may publish to: a tenant does not hear of another's ids.</summary>
    [Fact]
    public void Scope_NoSubject_IdsAreOfThoseWithTheSameGrants()
    {
        Assert.Equal(KeyOf(Granted("a/**", "b", "b/**"), "x"), KeyOf(Granted("b/**", "b", "a/**"), "x"));
        Assert.NotEqual(KeyOf(Granted("a/**"), "x"), KeyOf(Granted("b/**"), "x"));
        Assert.NotEqual(KeyOf(Granted("**"), "x"), KeyOf(Ticket("i", "**"), "x"));

        static AccessTicket Granted(params string[] texts)
        {
            Assert.True(GrantSet.TryCreate(["t", .. texts], 10, out var grants, out _));
            return new AccessTicket { Issuer = "i", Publish = grants };
        }
    }

    [Fact]
    public void Scope_NobodyInParticular_IsTheSameOnlyForThoseWhoPresentNothing()
    {
        CredentialKind[] kinds = [CredentialKind.Token, CredentialKind.Opaque, CredentialKind.Host, CredentialKind.Foreign];
        var one = AccessTicket.Everything.Publish;
        Assert.True(GrantSet.TryCreate(["t"], 1, out var other, out _));

        Assert.All(kinds, kind => Assert.NotEqual(KeyOf(new AccessTicket { Kind = kind, Publish = one, Foreign = new Texts("one") }, "x"), KeyOf(new AccessTicket { Kind = kind, Publish = other, Foreign = new Texts("other") }, "x")));
        Assert.Equal(kinds.Length, kinds.Select(kind => KeyOf(new AccessTicket { Kind = kind, Publish = other }, "x")).Distinct().Count());
        Assert.Equal(KeyOf(new AccessTicket { Kind = CredentialKind.Nothing, Publish = one }, "x"), KeyOf(new AccessTicket { Kind = CredentialKind.Nothing, Publish = other }, "x"));
    }

    [Fact]
    public void TryAdd_IdOfAPublisher_IsKeptWithAMarkThatIsTakenOffAgain()
    {
        foreach (var ticket in Different)
        {
            var record = new EventRecord(Write(ticket, new string('i', EventValidator.MaxIdBytes)));

            Assert.Equal(new string('i', EventValidator.MaxIdBytes), Encoding.UTF8.GetString(ScopedId.WithoutMark(record.Id)));
            Assert.Equal(ReferenceEquals(ticket, AccessTicket.Everything), ScopedId.WithoutMark(record.Id).Length == record.Id.Length);
        }
    }

    [Fact]
    public void TryAdd_NoId_HasNoMarkEither() => Assert.True(new EventRecord(Write(Ticket("a", "b"), null)).Id.IsEmpty);

    [Fact]
    public void TryAdd_HubType_IsForTheHubAloneWhateverIsGranted()
    {
        foreach (var ticket in Different)
        {
            var writer = new EventBatchWriter(new LimitOptions(), new RuleBook([]), EventFieldNames.Json, Publisher.Of(ticket));

            var isTaken = writer.TryAdd(new PushEvent { Topic = "/.well-known/mercure/subscriptions/exact/a/b", Type = "mercure" }, out var problem);

            Assert.Equal(ReferenceEquals(ticket, AccessTicket.Everything), isTaken); // Who presents nothing to an open hub, and the host itself: neither has a Mercure hub to speak for.
            Assert.Equal(isTaken ? null : "type", problem?.Field);
        }
    }

    private static AccessTicket Ticket(string? issuer, string? subject) => new() { Issuer = issuer, Subject = subject, Publish = GrantSet.Everything };

    private static UInt128 KeyOf(AccessTicket ticket, string id) => RecordId.Of([], new EventRecord(Write(ticket, id))).Key;

    private static byte[] Write(AccessTicket ticket, string? id)
    {
        var writer = new EventBatchWriter(new LimitOptions(), new RuleBook([]), EventFieldNames.Json, Publisher.Of(ticket));
        Assert.True(writer.TryAdd(new PushEvent { Topic = "t", Id = id }, out var problem), problem?.Detail);
        return writer.ToBatch(CommitLevel.Synced).Records.WrittenSpan.ToArray();
    }

    private sealed class Texts(string texts) : ForeignGrants
    {
        public override bool StillStands => true;

        public override string PublishTexts => texts;
    }
}
