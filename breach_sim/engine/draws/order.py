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
drivers.attempts drivers.loss attacks.smishing.success attacks.smishing.attempts
attacks.new_account_fraud.attempts attacks.phishing_email.attempts
attacks.bank_impersonation_call.attempts attacks.phishing_email.success estimates.contact
attacks.bank_impersonation_call.success attacks.credential_stuffing.success
attacks.credential_stuffing.attempts attacks.smishing.severity estimates.ssn elsewhere.ssn
attacks.synthetic_identity.attempts attacks.new_account_fraud.success
attacks.benefits_fraud.attempts onsets.resale.median elsewhere.email_address
attacks.bank_impersonation_call.severity attacks.mailbox_takeover_password.success
elsewhere.password_plain attacks.new_account_fraud.severity attacks.card_not_present_fraud.attempts
attacks.mailbox_takeover_password.attempts attacks.phishing_email.severity
attacks.card_not_present_fraud.success releases.held.capacity attacks.benefits_fraud.success
traits.reuses_password.share attacks.sim_swap.anchor.mean_loss attacks.online_account_reset.success
estimates.contact_us multipliers.context attacks.account_recovery_answers.routes.maiden_name.success
attacks.account_recovery_answers.attempts estimates.contact_guests
attacks.account_recovery_answers.severity attacks.account_recovery_answers.routes.birthplace.success
elsewhere.phone_number elsewhere.date_of_birth attacks.online_account_reset.attempts estimates.login
estimates.payment_card_number attacks.identity_number_fraud.routes.national.attempts
attacks.crypto_code_interception.attempts attacks.credential_stuffing.severity
attacks.tax_refund_fraud.attempts estimates.email_address release traits.sms_reset_of_mailbox.share
elsewhere.drivers_license_number releases.held.onset attacks.new_account_fraud.capacity
elsewhere.full_name estimates.name attacks.bank_account_debit.attempts elsewhere.ssn_last4
traits.sms_codes_at_exchange.share elsewhere.employment estimates.national_id_number
attacks.sim_swap.success releases.sold_once.tail attacks.card_not_present_fraud.severity
estimates.bank_account_number attacks.location_tracking.success estimates.contact_former
multipliers.drivers_license releases.sold_once.onset attacks.crypto_code_interception.severity
clocks.line.rates.default attacks.online_account_reset.severity attacks.location_tracking.attempts
attacks.online_account_code.attempts attacks.port_out.capacity attacks.mailbox_takeover.success
estimates.health_insurance_id elsewhere.mothers_maiden_name
attacks.carrier_account_takeover.severity attacks.pin_reuse.attempts
attacks.tax_refund_fraud.capacity clocks.line.rates.postpaid
attacks.bank_impersonation_call.capacity attacks.smishing.capacity attacks.port_out.attempts
releases.posted.onset clocks.line.rates.prepaid
attacks.crypto_code_interception.routes.mailbox.success attacks.carrier_account_takeover.success
attacks.account_recovery_answers.capacity attacks.sim_swap.capacity
attacks.tax_refund_fraud.severity attacks.pin_reuse.severity
attacks.crypto_code_interception.success elsewhere.place_of_birth traits.sms_codes_at_bank.share
attacks.benefits_fraud.capacity traits.sms_codes_elsewhere.share
attacks.bank_code_interception.severity traits.holds_crypto.share attacks.pin_reuse.success
clocks.handset.rates.default attacks.benefits_fraud.regimes.after.factor
attacks.phishing_email.capacity attacks.mailbox_takeover.attempts attacks.benefits_fraud.severity
attacks.carrier_account_takeover.attempts attacks.sim_swap.attempts
attacks.bank_account_debit.severity elsewhere.easy_to_find attacks.identity_number_fraud.success
attacks.extortion.success releases.sold_once.capacity attacks.bank_code_interception.attempts
traits.banks_online.share attacks.bank_account_debit.success estimates.drivers_license_number
attacks.port_out.success releases.held.tail attacks.medical_identity_theft.attempts
attacks.bank_account_debit.capacity attacks.bank_code_interception.success
attacks.synthetic_identity.capacity attacks.synthetic_identity.success
attacks.carrier_account_takeover.capacity attacks.mailbox_takeover_password.capacity
attacks.identity_number_fraud.severity attacks.pin_reuse.capacity attacks.tax_refund_fraud.success
attacks.location_tracking.capacity estimates.contact_emails elsewhere.postal_address
estimates.income attacks.medical_identity_theft.severity attacks.online_account_code.severity
releases.posted.tail estimates.account_pin attacks.imei_misuse.success
attacks.synthetic_identity.severity attacks.extortion.attempts attacks.imei_misuse.capacity
estimates.name_others estimates.one_or_more estimates.passport_number attacks.imei_misuse.severity
estimates.employment attacks.credential_stuffing.capacity attacks.imei_misuse.attempts
attacks.online_account_code.success attacks.card_not_present_fraud.capacity
attacks.identity_number_fraud.attempts clocks.card.rates.default
attacks.identity_number_fraud.capacity estimates.unattributed attacks.extortion.capacity
estimates.medical_record estimates.contact_current traits.reuses_pin.share estimates.credit_score
attacks.medical_identity_theft.capacity attacks.extortion.severity attacks.sim_cloning.capacity
estimates.cell_location attacks.medical_identity_theft.success attacks.sim_cloning.attempts
attacks.sim_cloning.success estimates.address releases.posted.capacity attacks.sim_swap.hours
attacks.sim_swap.background attacks.sim_swap.reporting attacks.sim_swap_insider.background
attacks.port_out.hours attacks.port_out.background attacks.mailbox_takeover.hours
attacks.mailbox_takeover.background attacks.bank_code_interception.hours
attacks.bank_code_interception.background attacks.crypto_code_interception.hours
attacks.crypto_code_interception.background attacks.new_account_fraud.hours
attacks.new_account_fraud.background attacks.tax_refund_fraud.hours
attacks.tax_refund_fraud.background attacks.smishing.hours attacks.smishing.background
attacks.imei_misuse.hours attacks.imei_misuse.background attacks.online_account_code.hours
attacks.online_account_code.background attacks.online_account_reset.hours
attacks.online_account_reset.background attacks.carrier_account_takeover.hours
attacks.carrier_account_takeover.background attacks.synthetic_identity.hours
attacks.synthetic_identity.background attacks.benefits_fraud.hours attacks.benefits_fraud.background
attacks.bank_impersonation_call.hours attacks.bank_impersonation_call.background
attacks.location_tracking.background attacks.pin_reuse.hours attacks.pin_reuse.background
attacks.credential_stuffing.hours attacks.credential_stuffing.background
attacks.mailbox_takeover_password.hours attacks.mailbox_takeover_password.background
attacks.account_recovery_answers.success attacks.account_recovery_answers.hours
attacks.account_recovery_answers.background attacks.session_hijack.attempts
attacks.session_hijack.success attacks.session_hijack.severity attacks.session_hijack.hours
attacks.session_hijack.background attacks.session_hijack.capacity
attacks.card_not_present_fraud.routes.number_cvv.success attacks.card_not_present_fraud.hours
attacks.card_not_present_fraud.background attacks.bank_account_debit.hours
attacks.bank_account_debit.background attacks.medical_identity_theft.hours
attacks.medical_identity_theft.background attacks.extortion.hours attacks.extortion.background
attacks.sim_cloning.hours attacks.sim_cloning.background attacks.crypto_wallet_theft.attempts
attacks.crypto_wallet_theft.success attacks.crypto_wallet_theft.severity
attacks.crypto_wallet_theft.hours attacks.crypto_wallet_theft.background
attacks.crypto_wallet_theft.capacity attacks.identity_number_fraud.hours
attacks.identity_number_fraud.background attacks.phishing_email.hours
attacks.phishing_email.background traits.guessable_password.share traits.wallet_seed_leaked.share
clocks.session.rates.default firm.letters firm.letter firm.electronic firm.calls firm.call
firm.takeup firm.monitoring firm.settlement firm.fine firm.security firm.churn firm.margin
mitigations.pin-reset.cost.each mitigations.pin-reset.hours mitigations.by_default
mitigations.lock_effect mitigations.sim-lock.cost.each mitigations.sim-lock-opt-in.changes[0].uptake
mitigations.message mitigations.sim-lock-opt-in.hours mitigations.freeze_uptake
mitigations.freeze_effect mitigations.credit-freeze.hours
mitigations.credit-freeze-for-all.cost.each mitigations.tax-pin.changes[0].uptake
mitigations.tax_pin_effect mitigations.tax-pin.hours mitigations.tax-pin-for-all.cost.each
mitigations.notice.changes[0].effect mitigations.monitoring.changes[0].effect
mitigations.codes-by-app.changes[0].uptake mitigations.codes-by-app.changes[0].effect
mitigations.codes-by-app.cost.each mitigations.codes-by-app.hours
mitigations.passkeys.changes[0].uptake mitigations.passkeys.changes[0].effect
mitigations.passkeys.cost.each mitigations.passkeys.hours mitigations.project
mitigations.tokenise-ssn.changes[0].share mitigations.records_power mitigations.taken_power
firm.row firm.breach firm.response.size firm.settlement.paid firm.settlement.size
firm.state_ag.paid firm.state_ag.size firm.fine.paid firm.fine.size firm.fine_gdpr.paid
firm.fine_gdpr.size firm.fine_ocr.paid firm.fine_ocr.size firm.card_networks.paid
firm.card_networks.size firm.security.paid firm.security.size firm.redress.paid
firm.redress.size firm.interruption.paid firm.interruption.size firm.ransom.paid
firm.ransom.size firm.insured firm.covered firm.cover firm.incident_response
attacks.benefits_fraud.routes.licence.attempts people_background
posterior.victims
countries.GB.attempts countries.GB.loss countries.DE.attempts countries.DE.loss
countries.AU.attempts countries.AU.loss attacks.identity_number_fraud.routes.document.attempts
traits.guessable_slow_hash.share traits.guessable_weak_hash.share estimates.wallet
mitigations.project_per_account mitigations.project_floor firm.settlement.when
firm.state_ag.when firm.fine.when firm.fine_gdpr.when firm.fine_ocr.when firm.card_networks.when
firm.security.when firm.redress.when
"""

DIMENSION = {name: number for number, name in enumerate(_NAMES.split())}
"""Dimension of each parameter and table of kinds. [0, inf)"""
