using System.Text;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.TestKit;

namespace Spillway.Tests.Access.Tokens;

public sealed class TokenCacheTests : IDisposable
{
    private readonly MetricCollector _metrics = new();
    private readonly ChangingKeys _keys = new();

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void Find_ManyTokens_HoldsTheBoundAndWhatIsUsed()
    {
        var cache = new TokenCache<CachedTicket>(10, new TokenMetrics(_metrics));
        var often = Digest(-1);
        cache.Add(often, Ticket());

        for (var i = 0; i < 1_000; i++)
        {
            cache.Add(Digest(i), Ticket());

            Assert.NotNull(cache.Find(often, TokenRig.Now));
            Assert.True(cache.Count <= 10);
        }

        Assert.Null(cache.Find(Digest(0), TokenRig.Now));
        Assert.NotNull(cache.Find(Digest(999), TokenRig.Now));
        Assert.True(_metrics.Sum("spillway.access.evicted_tokens") > 700);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Find_NoRoom_RemembersNothing(int entries)
    {
        var cache = new TokenCache<CachedTicket>(entries, new TokenMetrics(_metrics));

        cache.Add(Digest(1), Ticket());

        Assert.Null(cache.Find(Digest(1), TokenRig.Now));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Find_TokenExpired_IsForgotten()
    {
        var cache = new TokenCache<CachedTicket>(10, new TokenMetrics(_metrics));
        cache.Add(Digest(1), Ticket(TokenRig.Now.AddSeconds(1)));

        Assert.NotNull(cache.Find(Digest(1), TokenRig.Now));
        Assert.Null(cache.Find(Digest(1), TokenRig.Now.AddSeconds(1)));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Validate_IssuerTookItsKeyBack_RefusesWhatItRemembered()
    {
        var issuer = TokenRig.Issuer(TestKeys.Issuer) with { Keys = [_keys] };
        var validator = TokenRig.Validator(_metrics, issuer);
        var token = TestKeys.Make("ES256", TokenRig.Payload());
        _keys.Keys = new KeySet([TestKeys.KeyFor("ES256")]);

        var first = validator.Check(token);
        var second = validator.Check(token);
        _keys.Keys = KeySet.Empty;

        Assert.Same(first.Ticket, second.Ticket);
        Assert.Equal(TokenFault.Key, validator.Check(token).Fault);
    }

    private static TokenDigest Digest(int number) => TokenDigest.Of(Encoding.ASCII.GetBytes($"{number}"));

    private CachedTicket Ticket(DateTimeOffset? expires = null) => new(new AccessTicket { Expires = expires }, _keys, _keys.Keys);

    private sealed class ChangingKeys : IKeySource
    {
        public KeySet Keys { get; set; } = KeySet.Empty;

        public bool IsOut => false;

        public KeySet GetKeys() => Keys;

        public ValueTask<bool> RefreshAsync(CancellationToken cancellationToken) => new(false);
    }
}
