namespace Spillway.Access.Certificates;

/// <summary>A client certificate that is known, by itself or by its name.</summary>
/// <param name="Hash">The SHA-256 of it; null where its name counts.</param>
/// <param name="Subject">Its name; null where its hash counts.</param>
/// <param name="Ticket">What it allows, for as long as it is valid.</param>
internal sealed record KnownCertificate(byte[]? Hash, string? Subject, AccessTicket Ticket);
