"""The order of parameters in a Sobol sequence: the place of a name is its dimension.

Names with most influence come first, because the first dimensions are the most even ones together. Influence
is the squared rank correlation with the expected loss and with the expected people, summed over the breaches
of the catalog, those of T-Mobile in 2021 with weight four. The order is fixed. A new name goes to the end, so
that it moves no draw of another; a name that is gone keeps its place, so that no name inherits its dimension.
Names that are not here, such as those of a user's own scenario, have no dimension: their draws are plain.

Not here: the points (``points``).
"""

from __future__ import annotations

_NAMES = """
attacks.new_account_fraud.attempts estimates.ssn attacks.smishing.success attacks.smishing.attempts
attacks.bank_impersonation_call.success releases.held.capacity attacks.phishing_email.success
attacks.new_account_fraud.success attacks.card_not_present_fraud.success attacks.phishing_email.attempts
release attacks.bank_impersonation_call.attempts estimates.payment_card_number
attacks.new_account_fraud.severity estimates.contact attacks.card_not_present_fraud.attempts
attacks.bank_impersonation_call.severity estimates.employment attacks.smishing.severity
releases.posted.capacity onsets.resale.median attacks.synthetic_identity.attempts
attacks.benefits_fraud.attempts attacks.phishing_email.severity
attacks.identity_number_fraud.routes.national.attempts attacks.card_not_present_fraud.severity
attacks.smishing.capacity attacks.new_account_fraud.capacity estimates.login estimates.national_id_number
attacks.bank_account_debit.attempts attacks.card_not_present_fraud.capacity
attacks.location_tracking.capacity attacks.identity_number_fraud.attempts estimates.account_pin
attacks.tax_refund_fraud.attempts attacks.location_tracking.attempts
attacks.bank_impersonation_call.capacity attacks.credential_stuffing.success releases.held.onset
estimates.health_insurance_id estimates.passport_number attacks.credential_stuffing.attempts
attacks.phishing_email.capacity estimates.bank_account_number estimates.contact_former
attacks.bank_account_debit.success attacks.identity_number_fraud.success estimates.name
releases.sold_once.capacity estimates.email_address attacks.identity_number_fraud.severity
attacks.benefits_fraud.severity attacks.medical_identity_theft.attempts
attacks.medical_identity_theft.severity attacks.sim_swap.anchor.mean_loss
attacks.synthetic_identity.severity multipliers.drivers_license attacks.location_tracking.success
releases.held.tail attacks.sim_swap.attempts attacks.bank_account_debit.severity
attacks.benefits_fraud.success attacks.identity_number_fraud.capacity multipliers.context
attacks.benefits_fraud.capacity attacks.port_out.capacity estimates.contact_us
attacks.synthetic_identity.capacity attacks.medical_identity_theft.success attacks.sim_swap.capacity
attacks.tax_refund_fraud.severity attacks.sim_swap.success attacks.online_account_reset.success
attacks.port_out.attempts traits.reuses_password.share estimates.contact_current
attacks.bank_account_debit.capacity estimates.contact_guests attacks.sim_swap.hours
attacks.sim_swap.background attacks.sim_swap.reporting attacks.sim_swap_insider.background
attacks.port_out.success attacks.port_out.hours attacks.port_out.background
attacks.mailbox_takeover.attempts attacks.mailbox_takeover.success attacks.mailbox_takeover.hours
attacks.mailbox_takeover.background attacks.bank_code_interception.attempts
attacks.bank_code_interception.success attacks.bank_code_interception.severity
attacks.bank_code_interception.hours attacks.bank_code_interception.background
attacks.crypto_code_interception.attempts attacks.crypto_code_interception.success
attacks.crypto_code_interception.routes.mailbox.success attacks.crypto_code_interception.severity
attacks.crypto_code_interception.hours attacks.crypto_code_interception.background
attacks.new_account_fraud.hours attacks.new_account_fraud.background attacks.tax_refund_fraud.success
attacks.tax_refund_fraud.hours attacks.tax_refund_fraud.background attacks.tax_refund_fraud.capacity
attacks.smishing.hours attacks.smishing.background attacks.imei_misuse.attempts
attacks.imei_misuse.success attacks.imei_misuse.severity attacks.imei_misuse.hours
attacks.imei_misuse.background attacks.imei_misuse.capacity attacks.online_account_code.attempts
attacks.online_account_code.success attacks.online_account_code.severity attacks.online_account_code.hours
attacks.online_account_code.background attacks.online_account_reset.attempts
attacks.online_account_reset.severity attacks.online_account_reset.hours
attacks.online_account_reset.background attacks.carrier_account_takeover.attempts
attacks.carrier_account_takeover.success attacks.carrier_account_takeover.severity
attacks.carrier_account_takeover.hours attacks.carrier_account_takeover.background
attacks.carrier_account_takeover.capacity attacks.synthetic_identity.success
attacks.synthetic_identity.hours attacks.synthetic_identity.background attacks.benefits_fraud.hours
attacks.benefits_fraud.background attacks.benefits_fraud.regimes.after.factor
attacks.bank_impersonation_call.hours attacks.bank_impersonation_call.background
attacks.location_tracking.background attacks.pin_reuse.attempts attacks.pin_reuse.success
attacks.pin_reuse.severity attacks.pin_reuse.hours attacks.pin_reuse.background attacks.pin_reuse.capacity
attacks.credential_stuffing.severity attacks.credential_stuffing.hours
attacks.credential_stuffing.background attacks.credential_stuffing.capacity
attacks.mailbox_takeover_password.attempts attacks.mailbox_takeover_password.success
attacks.mailbox_takeover_password.hours attacks.mailbox_takeover_password.background
attacks.mailbox_takeover_password.capacity attacks.account_recovery_answers.attempts
attacks.account_recovery_answers.success attacks.account_recovery_answers.routes.maiden_name.success
attacks.account_recovery_answers.routes.birthplace.success attacks.account_recovery_answers.severity
attacks.account_recovery_answers.hours attacks.account_recovery_answers.background
attacks.account_recovery_answers.capacity attacks.session_hijack.attempts attacks.session_hijack.success
attacks.session_hijack.severity attacks.session_hijack.hours attacks.session_hijack.background
attacks.session_hijack.capacity attacks.card_not_present_fraud.routes.number_cvv.success
attacks.card_not_present_fraud.hours attacks.card_not_present_fraud.background
attacks.bank_account_debit.hours attacks.bank_account_debit.background
attacks.medical_identity_theft.hours attacks.medical_identity_theft.background
attacks.medical_identity_theft.capacity attacks.extortion.attempts attacks.extortion.success
attacks.extortion.severity attacks.extortion.hours attacks.extortion.background attacks.extortion.capacity
attacks.sim_cloning.attempts attacks.sim_cloning.success attacks.sim_cloning.hours
attacks.sim_cloning.background attacks.sim_cloning.capacity attacks.crypto_wallet_theft.attempts
attacks.crypto_wallet_theft.success attacks.crypto_wallet_theft.severity attacks.crypto_wallet_theft.hours
attacks.crypto_wallet_theft.background attacks.crypto_wallet_theft.capacity
attacks.identity_number_fraud.hours attacks.identity_number_fraud.background attacks.phishing_email.hours
attacks.phishing_email.background traits.banks_online.share traits.sms_codes_at_bank.share
traits.sms_reset_of_mailbox.share traits.holds_crypto.share traits.sms_codes_at_exchange.share
traits.sms_codes_elsewhere.share traits.reuses_pin.share traits.guessable_password.share
traits.wallet_seed_leaked.share clocks.line.rates.postpaid clocks.line.rates.prepaid
clocks.line.rates.default clocks.handset.rates.default clocks.session.rates.default
clocks.card.rates.default releases.sold_once.onset releases.sold_once.tail releases.posted.onset
releases.posted.tail firm.letters firm.letter firm.electronic firm.calls firm.call firm.takeup
firm.monitoring firm.settlement firm.fine firm.security firm.churn firm.margin
mitigations.pin-reset.cost.each mitigations.pin-reset.hours mitigations.by_default mitigations.lock_effect
mitigations.sim-lock.cost.each mitigations.sim-lock-opt-in.changes[0].uptake mitigations.message
mitigations.sim-lock-opt-in.hours mitigations.freeze_uptake mitigations.freeze_effect
mitigations.credit-freeze.hours mitigations.credit-freeze-for-all.cost.each
mitigations.tax-pin.changes[0].uptake mitigations.tax_pin_effect mitigations.tax-pin.hours
mitigations.tax-pin-for-all.cost.each mitigations.notice.changes[0].effect
mitigations.monitoring.changes[0].effect mitigations.codes-by-app.changes[0].uptake
mitigations.codes-by-app.changes[0].effect mitigations.codes-by-app.cost.each
mitigations.codes-by-app.hours mitigations.passkeys.changes[0].uptake
mitigations.passkeys.changes[0].effect mitigations.passkeys.cost.each mitigations.passkeys.hours
mitigations.project mitigations.tokenise-ssn.changes[0].share mitigations.records_power
mitigations.taken_power estimates.address estimates.income estimates.cell_location
estimates.medical_record estimates.drivers_license_number estimates.credit_score estimates.name_others
estimates.contact_emails estimates.unattributed elsewhere.full_name elsewhere.postal_address
elsewhere.phone_number elsewhere.email_address elsewhere.date_of_birth elsewhere.ssn elsewhere.ssn_last4
elsewhere.drivers_license_number elsewhere.password_plain elsewhere.employment elsewhere.place_of_birth
elsewhere.mothers_maiden_name elsewhere.easy_to_find
"""

DIMENSION = {name: number for number, name in enumerate(_NAMES.split())}
"""Dimension of each parameter and table of kinds. [0, inf)"""
