using Microsoft.AspNetCore.Http;

namespace Spillway;

/// <summary>
/// A host's own say in who may do what. Registered as a singleton, it is asked before every request of a hub whose <see cref="AccessOptions.Mode"/> is tokens: the hub's own credentials count only where it answers null.
/// </summary>
public interface IAccessCallback
{
    /// <summary>
    /// Says what a request may do: a decision, or null for what the hub's own credentials allow. What it throws, and what takes longer than <see cref="AccessOptions.CallbackTimeout"/>, is answered with 503: nobody is let
    /// in by mistake.
    /// </summary>
    /// <param name="context">The request. It must be left as it is, and not be kept.</param>
    /// <param name="cancellationToken">Cancelled when the time is over, or the client has gone.</param>
    ValueTask<AccessDecision?> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken);
}
