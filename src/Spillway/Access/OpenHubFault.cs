namespace Spillway.Access;

/// <summary>Why a request is not plainly local.</summary>
/// <param name="Reason">For metrics: <c>address</c>, <c>host</c>, <c>proxy</c> or <c>origin</c>.</param>
/// <param name="Header">The header at fault; empty where it is the connection.</param>
/// <param name="Value">What it held.</param>
/// <param name="Meaning">What that says, as the rest of a sentence.</param>
internal sealed record OpenHubFault(string Reason, string Header, string Value, string Meaning);
