using System.Text.Json;

namespace Spillway.Access.Tokens;

/// <summary>
/// Says what a token allows, or what is wrong with it. Keys belong to issuers: whoever is named in <c>iss</c> decides which keys are tried, and with which algorithms. Nothing
/// that the token says is used before its signature is verified, but for its issuer, its algorithm and its key's name.
/// </summary>
internal sealed class TokenValidator : IAsyncDisposable
{
    private readonly Dictionary<string, TrustedIssuer> _issuers;
    private readonly TrustedIssuer? _nameless;
    private readonly TokenLimits _limits;
    private readonly TokenCache<CachedTicket> _cache;
    private readonly TokenMetrics _metrics;
    private readonly TimeProvider _clock;

    /// <param name="issuers">Who may make tokens, each name once.</param>
    /// <param name="limits">How large a token may be.</param>
    /// <param name="cacheEntries">How many verified tokens are remembered.</param>
    /// <param name="metrics">Where tokens are counted.</param>
    /// <param name="clock">What time it is.</param>
    public TokenValidator(IReadOnlyList<TrustedIssuer> issuers, TokenLimits limits, int cacheEntries, TokenMetrics metrics, TimeProvider clock)
    {
        _issuers = issuers.Where(static issuer => issuer.Name is not null).ToDictionary(static issuer => issuer.Name!, StringComparer.Ordinal);
        _nameless = issuers.SingleOrDefault(static issuer => issuer.Name is null);
        (_limits, _metrics, _clock) = (limits, metrics, clock);
        _cache = new TokenCache<CachedTicket>(cacheEntries, metrics);
    }

    private IEnumerable<TrustedIssuer> Issuers => _issuers.Values.Append(_nameless).OfType<TrustedIssuer>();

    /// <summary>Of each issuer, in an order that is always the same.</summary>
    public IEnumerable<string> Digests => Issuers.Select(static issuer => issuer.Digest).Order(StringComparer.Ordinal);

    /// <summary>Whether an issuer's tokens may be good; null is the one without a name.</summary>
    public bool Trusts(string? issuer) => Find(issuer) is not null;

    /// <summary>
    /// Begins with what another knows, before anybody uses this one: the keys that issuers publish, and the verified tokens of issuers that are what they were, down to their keys.
    /// </summary>
    /// <param name="before">The other one.</param>
    /// <param name="takesKeys">False where a validator with the same issuers has taken their keys over already.</param>
    public void TakeOver(TokenValidator before, bool takesKeys = true)
    {
        foreach (var issuer in takesKeys ? Issuers : [])
        {
            var known = before.Find(issuer.Name)?.Keys.OfType<FetchedKeys>() ?? [];
            foreach (var keys in issuer.Keys.OfType<FetchedKeys>())
            {
                if (known.FirstOrDefault(each => each.Origin == keys.Origin) is { } same)
                {
                    keys.TakeOver(same);
                }
            }
        }

        if (_limits == before._limits) // Else what was within them may not be any more.
        {
            _cache.TakeOver(before._cache, cached => Rebind(cached, before));
        }
    }

    /// <summary>Says what a token allows, now. Where no key fits, the issuer is asked for newer ones first, if that has not just been done.</summary>
    public ValueTask<TokenResult> ValidateAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        var result = Validate(token.Span, _clock.GetUtcNow(), out var cached, out var asks);
        if (asks is not null)
        {
            return ValidateSlowAsync(token, asks, cancellationToken);
        }

        _metrics.Presented(result.Fault, cached);
        return new(result);
    }

    /// <summary>Says what a token allows at a time, by the keys that are known. It has no effect but that the token is remembered.</summary>
    public TokenResult Validate(ReadOnlySpan<byte> token, DateTimeOffset now) => Validate(token, now, out _, out _);

    public async ValueTask DisposeAsync()
    {
        foreach (var source in Issuers.SelectMany(static issuer => issuer.Keys).OfType<IAsyncDisposable>())
        {
            await source.DisposeAsync();
        }
    }

    private TrustedIssuer? Find(string? issuer) => issuer is null ? _nameless : _issuers.GetValueOrDefault(issuer);

    /// <summary>Who judges a token: the issuer that it names where its type is one of that issuer's tokens; else the one without a name, if that takes any.</summary>
    private TrustedIssuer? Find(string? name, string? type)
    {
        var named = Find(name);
        return named is not null && named.Profile.FindFaultOfType(type) is null ? named
            : _nameless is { Profile.TakesAnyIssuer: true } any ? any
            : named;
    }

    /// <summary>A ticket with the keys of here, which are read anew though they are the same; null where its issuer is another now.</summary>
    private CachedTicket? Rebind(CachedTicket cached, TokenValidator before)
    {
        var (old, now) = (before.Find(cached.Ticket.Issuer), Find(cached.Ticket.Issuer));
        if (old is null || now is null || old.Digest != now.Digest || !ReferenceEquals(cached.Source.GetKeys(), cached.Keys))
        {
            return null;
        }

        var source = old.Keys.Zip(now.Keys).First(pair => ReferenceEquals(pair.First, cached.Source)).Second;
        var keys = source.GetKeys();
        return keys.Keys.Count > 0 ? new CachedTicket(cached.Ticket, source, keys) : null;
    }

    private async ValueTask<TokenResult> ValidateSlowAsync(ReadOnlyMemory<byte> token, TrustedIssuer issuer, CancellationToken cancellationToken)
    {
        foreach (var source in issuer.Keys)
        {
            await source.RefreshAsync(cancellationToken);
        }

        var result = Validate(token.Span, _clock.GetUtcNow(), out var cached, out _);
        _metrics.Presented(result.Fault, cached);
        return result;
    }

    /// <summary>Judges a token. <paramref name="asks"/> is its issuer where that may have a newer key for it.</summary>
    private TokenResult Validate(ReadOnlySpan<byte> token, DateTimeOffset now, out bool cached, out TrustedIssuer? asks)
    {
        (cached, asks) = (false, null);
        var digest = default(TokenDigest);
        if (token.Length <= _limits.TokenBytes)
        {
            digest = TokenDigest.Of(token);
            if (_cache.Find(digest, now) is { Ticket: var ticket })
            {
                cached = true;
                return TokenResult.Good(ticket);
            }
        }

        if (!CompactJws.TryParse(token, _limits, out var jws, out var fault, out var text))
        {
            return TokenResult.Refuse(fault, text);
        }

        if (!StrictJson.TryParseObject(jws.Payload, _limits.Depth, out var document, out text))
        {
            return TokenResult.Refuse(TokenFault.Malformed, $"The token's payload {text}.");
        }

        using (document)
        {
            var result = Verify(token, jws, document.RootElement, out var issuer, out var source, out var keys);
            if (result.Fault == TokenFault.None)
            {
                result = ReadTicket(document.RootElement, issuer!, now);
            }

            // A key that was signed with is not known yet, or may not be: the token names none.
            if (result.Fault is TokenFault.Key or TokenFault.Unavailable || (result.Fault == TokenFault.Signature && jws.Header.KeyId is null))
            {
                asks = issuer!.Keys.Any(static each => each is not StaticKeys) ? issuer : null;
            }

            if (result.IsGood)
            {
                _cache.Add(digest, new CachedTicket(result.Ticket, source!, keys!));
            }

            return result;
        }
    }

    private TokenResult Verify(
        ReadOnlySpan<byte> token, CompactJws jws, JsonElement payload, out TrustedIssuer? issuer, out IKeySource? signer, out KeySet? signerKeys)
    {
        (issuer, signer, signerKeys) = (null, null, null);
        if (!StrictJson.TryGetText(payload, "iss", out var name))
        {
            return TokenResult.Refuse(TokenFault.Claim, "The token's iss is no text.");
        }

        issuer = Find(name, jws.Header.Type);
        if (issuer is null)
        {
            return TokenResult.Refuse(TokenFault.Issuer, name is null ? "The token has no iss, and no issuer without a name is trusted."
                : $"The token's iss is \"{ShownText.Of(name)}\", which is not trusted here.");
        }

        if (issuer.Profile.FindFaultOfType(jws.Header.Type) is { } wrongType)
        {
            return TokenResult.Refuse(TokenFault.Header, wrongType);
        }

        if (!SignatureAlgorithm.TryFind(jws.Header.Algorithm, out var algorithm) || !issuer.Algorithms.Contains(algorithm))
        {
            return TokenResult.Refuse(
                TokenFault.Algorithm, $"The token's alg is \"{ShownText.Of(jws.Header.Algorithm)}\"; its issuer may use {string.Join(", ", issuer.Algorithms)}.");
        }

        var signed = token[..jws.SignedLength];
        var tried = 0;
        foreach (var source in issuer.Keys)
        {
            var keys = source.GetKeys();
            foreach (var key in keys.Find(algorithm, jws.Header.KeyId, _limits.KeysTried - tried))
            {
                tried++;
                if (key.Verify(algorithm, signed, jws.Signature))
                {
                    (signer, signerKeys) = (source, keys);
                    return default;
                }
            }
        }

        // Keys without a name are tried, too; that they do not fit says nothing about one that has it.
        var id = jws.Header.KeyId;
        if (tried > 0 && (id is null || issuer.Keys.Any(source => source.GetKeys().HasKey(id))))
        {
            return TokenResult.Refuse(TokenFault.Signature, issuer.Name is null ? "The token's signature is not of the key that counts here." : "The token's signature is not one of its issuer's.");
        }

        // Nobody can say whether it is good: that is not its fault.
        if (issuer.Keys.All(static source => source.GetKeys().Keys.Count == 0) && issuer.Keys.Any(static source => source.IsOut))
        {
            return TokenResult.Refuse(TokenFault.Unavailable, "The keys of the token's issuer cannot be had, so nobody can say whether it is good.");
        }

        return TokenResult.Refuse(TokenFault.Key, $"The token's issuer has no key for {algorithm}{(id is null ? "" : $" with kid \"{ShownText.Of(id)}\"")}.");
    }

    private TokenResult ReadTicket(JsonElement payload, TrustedIssuer issuer, DateTimeOffset now)
    {
        if (!TokenClaims.TryRead(payload, _limits, out var claims, out var fault))
        {
            return TokenResult.Refuse(TokenFault.Claim, fault);
        }

        if (ClaimRules.FindFault(claims, issuer, now) is { } refused)
        {
            return refused;
        }

        // What is allowed ends when the token would be refused: ending it at exp by our clock, and then taking the token again, would be a loop as long as the skew.
        claims = claims with { Expires = claims.Expires + issuer.ExpirySkew };
        return issuer.Tickets.TryRead(claims, payload, _limits, out var ticket, out fault) ? TokenResult.Good(ticket) : TokenResult.Refuse(TokenFault.Grants, fault);
    }
}
