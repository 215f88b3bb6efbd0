using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Spillway.Access.Tokens;

/// <summary>Turns the payload of a verified token into what it allows. Protocols differ in how tokens say that.</summary>
internal interface ITicketReader
{
    /// <param name="claims">The registered claims, checked.</param>
    /// <param name="payload">The whole payload, an object without duplicates.</param>
    /// <param name="limits">How much it may grant.</param>
    /// <param name="ticket">What it allows.</param>
    /// <param name="fault">What is wrong, as a sentence.</param>
    bool TryRead(TokenClaims claims, JsonElement payload, TokenLimits limits, [NotNullWhen(true)] out AccessTicket? ticket, out string fault);
}
