using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Spillway.Access.Certificates;
using Spillway.Access.Introspection;
using Spillway.Access.Tokens;

namespace Spillway.Access;

/// <summary>Who is let in, as options said it at one time.</summary>
internal sealed class AccessPlan : CountedPlan
{
    public required CredentialReader Reader { get; init; }

    public required TokenValidator Tokens { get; init; }

    /// <summary>Who is asked about other tokens; null for nobody.</summary>
    public required Introspector? Introspector { get; init; }

    public required ApiKeyRing Keys { get; init; }

    public required CertificateRing Certificates { get; init; }

    /// <summary>What those may do who present nothing; null for nothing.</summary>
    public required AccessTicket? Anonymous { get; init; }

    /// <summary>How long the host may take to say what a request may do.</summary>
    public required TimeSpan CallbackTimeout { get; init; }

    /// <summary>How much a credential may grant.</summary>
    public required TokenLimits Limits { get; init; }

    /// <summary>What it takes for a credential, for people.</summary>
    public required string Accepted { get; init; }

    /// <summary>The <see cref="AccessTicket.Entry"/> of every ticket that it has ready.</summary>
    public required FrozenSet<string> Entries { get; init; }

    /// <summary>Whether what a ticket was made of is still there, and grants what it granted.</summary>
    public bool StillStands(AccessTicket ticket) => ticket.Kind switch
    {
        CredentialKind.Token => Tokens.Trusts(ticket.Issuer),
        CredentialKind.Host => true, // The host's to take back.
        _ => ticket.Entry is { } entry && Entries.Contains(entry),
    };

    /// <summary>Says what a bearer credential allows, whoever presents it.</summary>
    public ValueTask<TokenResult> ValidateAsync(string credential, CancellationToken cancellationToken)
    {
        if (credential.StartsWith(ApiKeyRing.Prefix, StringComparison.Ordinal))
        {
            return new(Keys.Find(credential) is { } ticket ? TokenResult.Good(ticket) : TokenResult.Refuse(TokenFault.UnknownKey, "The API key is none of this hub's."));
        }

        return Introspector is { } introspector && credential.AsSpan().Count('.') != 2 // A signed one has three parts.
            ? introspector.ValidateAsync(credential, cancellationToken) : Tokens.ValidateAsync(Encoding.UTF8.GetBytes(credential), cancellationToken);
    }

    /// <summary>Says what a client certificate allows.</summary>
    public TokenResult Validate(X509Certificate2 certificate, DateTimeOffset now)
    {
        if (Certificates.Find(certificate) is not { } ticket)
        {
            var name = ShownText.Of(SubjectText.Of(certificate.SubjectName) ?? certificate.Subject);
            return TokenResult.Refuse(TokenFault.UnknownCertificate, $"The client certificate of \"{name}\" is none of this hub's.");
        }

        return CertificateRing.BeginOf(certificate) <= now ? TokenResult.Good(ticket) : TokenResult.Refuse(TokenFault.NotYetValid, "The client certificate is not valid yet.");
    }

    protected override async Task DisposeAllAsync()
    {
        await Tokens.DisposeAsync();
        if (Introspector is not null)
        {
            await Introspector.DisposeAsync();
        }
    }
}
