using System.Text.Json;
using Spillway.Mercure;

namespace Spillway.Tests.Mercure;

/// <summary>What the hub says of itself (RFC 9728). D1 is what a hub owes of it.</summary>
public sealed class MercureMetadataTests
{
    [Fact]
    public async Task D1_Document_HasEveryMember()
    {
        await using var rig = new MercureRig(static options =>
        {
            options.Mercure.Subscriptions = true;
            options.Access.Issuers.Add(new IssuerOptions { Issuer = "https://login.example", Algorithms = { "ES256" }, JwksUrl = "https://login.example/keys" });
            options.Access.Issuers.Add(new IssuerOptions { Issuer = "a name", Algorithms = { "ES256" }, JwksUrl = "https://login.example/keys" });
        });

        var metadata = rig.Gate.Metadata!;

        using var document = JsonDocument.Parse(metadata.Document);
        Assert.Equal(MercureRig.Metadata, metadata.Url);
        Assert.Equal(
            """
            {"resource":"https://hub.example/.well-known/mercure","authorization_servers":["https://login.example"],"authorization_details_types_supported":["https://mercure.rocks/authorization-detail"],"bearer_methods_supported":["header"],"mercure_matcher_types_supported":["exact","urlpattern"],"mercure_cookie":"__Secure-mercure_access_token","mercure_subscriptions":true}
            """.Trim(),
            document.RootElement.GetRawText());
    }

    [Fact]
    public async Task D1_WhatTheHubDoesNotOffer_IsLeftOut()
    {
        await using var rig = new MercureRig(static options => options.Mercure.Cookie = "");

        using var document = JsonDocument.Parse(rig.Gate.Metadata!.Document);

        Assert.Equal(
            ["resource", "authorization_details_types_supported", "bearer_methods_supported", "mercure_matcher_types_supported"], document.RootElement.EnumerateObject().Select(static member => member.Name));
    }

    [Theory]
    [InlineData("https://hub.example", "https://hub.example/.well-known/oauth-protected-resource")]
    [InlineData("https://hub.example/", "https://hub.example/.well-known/oauth-protected-resource")]
    [InlineData("https://hub.example:8443/push/hub", "https://hub.example:8443/.well-known/oauth-protected-resource/push/hub")]
    [InlineData("http://localhost/.well-known/mercure", "http://localhost/.well-known/oauth-protected-resource/.well-known/mercure")]
    public void D1_Url_IsDerivedFromTheHubs(string hub, string expected) => Assert.Equal(expected, MercureMetadata.Create(new MercureOptions { Url = hub }, [], null).Url);
}
