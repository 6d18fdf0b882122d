"""The names of permissions: those that the vendor's pages show, then those that are assumed."""

from __future__ import annotations

DOCUMENTED = """
admins:add admins:edit admins:read admins:update agent:manage agent:reply all backups:create backups:read
backups:restore ban:add ban:read ban:remove coupons:add coupons:delete coupons:read coupons:update documents:delete
documents:read memberships:add memberships:admin memberships:delete memberships:read memberships:update
memberships:write merchant-accounts:add merchant-accounts:delete merchant-accounts:read merchant-accounts:update
payment-requests:add payment-requests:read payment-requests:update payment_methods:add payment_methods:delete
payment_methods:read payment_methods:update payments:read payments:write plans:add plans:delete plans:edit plans:manage
plans:read plans:update settings.appearance:delete settings.appearance:read settings.appearance:write
settings.community:delete settings.community:read settings.community:write settings.integrations:delete
settings.integrations:read settings.integrations:write settings.notifications:delete settings.notifications:read
settings.notifications:write
"""
ASSUMED = """
settings.payments:delete settings.payments:read settings.payments:write settings.policies:delete settings.policies:read
settings.policies:write settings.project:delete settings.project:read settings.project:write statistics:read
subscriptions:cancel subscriptions:read subscriptions:update support:read support:reply targets:add targets:delete
targets:read targets:update transactions:read users:read users:update users:write wallets:update
"""
PERMISSIONS = tuple(sorted(f"{DOCUMENTED} {ASSUMED}".split()))
"""80 of them, as the vendor counts."""
